#include "admin/master-internal.h"

#include "common/error.h"
#include "common/mem.h"

/* One of the two names, the other NULL. */
struct holder {
	char *account;
	char *group;
};

static int find_holder(struct master *master, struct holder *holder_r,
		       const char *text, struct error *err_r)
{
	*holder_r = (struct holder){ .account = NULL };
	return text[0] == '%' ? master_group_name(master, &holder_r->group,
						  text, err_r)
			      : master_account_name(master, &holder_r->account,
						    text, err_r);
}

static void holder_release(struct holder *holder)
{
	mem_free_string(&holder->account);
	mem_free_string(&holder->group);
}

static int insert(struct master *master, const struct holder *holder,
		  const struct master_place *place,
		  const struct master_grant *grant, struct error *err_r)
{
	int found;

	if (place->delimited)
		return error_set(err_r,
				 "%s: a delimiter of domain %s can't stand in "
				 "an address of it",
				 place->address, place->domain);
	found = master_find(master, NULL, err_r,
			    "SELECT 1 FROM grants WHERE account IS ?1"
			    " AND group_name IS ?2 AND key = ?3",
			    "sss", holder->account, holder->group, place->key);
	if (found > 0)
		error_set(err_r,
			  "%s has a grant for %s already; remove that first",
			  grant->holder, place->address);
	if (found != 0)
		return -1;
	return master_run(master, err_r,
			  "INSERT INTO grants (account, group_name, address,"
			  " domain, key, until, on_behalf)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			  "sssssii", holder->account, holder->group,
			  place->address, place->domain, place->key,
			  (long long)grant->until,
			  (long long)grant->on_behalf) < 0
		       ? -1
		       : 0;
}

int master_grant_add(struct master *master, const struct master_grant *grant,
		     struct error *err_r)
{
	struct master_place place = { .key = NULL };
	struct holder holder;
	int result = -1;

	if (find_holder(master, &holder, grant->holder, err_r) == 0 &&
	    master_place(master, &place, grant->address, err_r) == 0)
		result = insert(master, &holder, &place, grant, err_r);
	master_place_release(&place);
	holder_release(&holder);
	return result;
}

int master_grant_remove(struct master *master, const char *holder,
			const char *address, struct error *err_r)
{
	struct master_place place = { .key = NULL };
	struct holder found;
	long long removed = -1;

	if (find_holder(master, &found, holder, err_r) == 0 &&
	    master_place(master, &place, address, err_r) == 0)
		removed = master_run(master, err_r,
				     "DELETE FROM grants WHERE account IS ?1"
				     " AND group_name IS ?2 AND key = ?3",
				     "sss", found.account, found.group,
				     place.key);
	if (removed == 0)
		error_set(err_r, "%s has no grant for %s", holder,
			  place.address);
	master_place_release(&place);
	holder_release(&found);
	return removed > 0 ? 0 : -1;
}

static int list(struct master *master, const struct holder *holder,
		void (*each)(void *context, const struct master_grant *grant),
		void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement = master_query(
		master, err_r,
		"SELECT coalesce(account, '%' || group_name) AS holder,"
		" address, until, on_behalf FROM grants"
		" WHERE (?1 IS NULL AND ?2 IS NULL) OR account = ?1"
		" OR group_name = ?2 OR group_name IN"
		" (SELECT group_name FROM members WHERE account = ?1)"
		" ORDER BY holder, domain, key",
		"ss", holder->account, holder->group);
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		const struct master_grant grant = {
			.holder = sqlite_column_string(statement, 0),
			.address = sqlite_column_string(statement, 1),
			.until = (time_t)sqlite_column_integer(statement, 2),
			.on_behalf = sqlite_column_integer(statement, 3) != 0,
		};

		each(context, &grant);
	}
	sqlite_finalize(&statement);
	return found;
}

int master_grant_list(struct master *master, const char *holder,
		      void (*each)(void *context,
				   const struct master_grant *grant),
		      void *context, struct error *err_r)
{
	struct holder found = { .account = NULL };
	int result;

	if (holder != NULL && find_holder(master, &found, holder, err_r) < 0)
		return -1;
	result = list(master, &found, each, context, err_r);
	holder_release(&found);
	return result;
}
