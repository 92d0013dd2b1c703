#include "admin/master-internal.h"

#include "common/error.h"
#include "common/mem.h"

#include <string.h>

static int check_place(const struct master_place *place, struct error *err_r)
{
	if (!place->served)
		return error_set(err_r,
				 "%s: domain %s is not in the directory; run "
				 "\"countersign domain add %s\" first",
				 place->address, place->domain, place->domain);
	if (strcmp(place->domain, place->target) != 0)
		return error_set(err_r,
				 "%s: domain %s is an alias of %s; add the "
				 "address there",
				 place->address, place->domain, place->target);
	if (place->delimited)
		return error_set(err_r,
				 "%s: a delimiter of domain %s can't stand in "
				 "an address of it",
				 place->address, place->domain);
	return 0;
}

/* Somebody else must not have it, nor have a name or a key like it. */
static int check_free(struct master *master, const struct master_place *place,
		      const char *account, struct error *err_r)
{
	static const struct {
		const char *sql;
		const char *reason;
	} uses[] = {
		{ "SELECT account FROM addresses WHERE key = ?1",
		  "is an address of account" },
		{ "SELECT name FROM accounts"
		  " WHERE name_key = ?1 AND name <> ?2",
		  "is the name of account" },
		{ "SELECT account FROM keys"
		  " WHERE login_key = ?1 AND account <> ?2",
		  "is the login of a key of account" },
	};
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		/* The first asks about this account too. */
		const char *types = i == 0 ? "s" : "ss";
		char *user = NULL;
		int found = master_find(master, &user, err_r, uses[i].sql,
					types, place->key, account);

		if (found > 0)
			error_set(err_r, "%s %s %s already", place->address,
				  uses[i].reason, user);
		mem_free_string(&user);
		if (found != 0)
			return -1;
	}
	return 0;
}

static int insert(struct master *master, const struct master_place *place,
		  const char *account, struct error *err_r)
{
	if (check_place(place, err_r) < 0 ||
	    check_free(master, place, account, err_r) < 0 ||
	    master_run(master, err_r,
		       "INSERT INTO addresses (key, address, domain, account)"
		       " VALUES (?1, ?2, ?3, ?4)",
		       "ssss", place->key, place->address, place->domain,
		       account) < 0)
		return -1;
	/* A key that had this login through the catch-all has it so now. */
	return master_run(master, err_r,
			  "UPDATE keys SET login_address = ?1"
			  " WHERE login_key = ?1",
			  "s", place->key) < 0
		       ? -1
		       : 0;
}

int master_address_add(struct master *master, const char *address,
		       const char *account, struct error *err_r)
{
	struct master_place place;
	char *name = NULL;
	int result = -1;

	if (master_place(master, &place, address, err_r) < 0)
		return -1;
	if (master_account_name(master, &name, account, err_r) == 0)
		result = insert(master, &place, name, err_r);
	mem_free_string(&name);
	master_place_release(&place);
	return result;
}

static int remove_address(struct master *master,
			  const struct master_place *place, struct error *err_r)
{
	char *key = NULL;
	long long removed;
	int found;

	found = master_find(master, &key, err_r,
			    "SELECT account || '''s key \"' || name || '\"'"
			    " FROM keys WHERE login_address = ?1 LIMIT 1",
			    "s", place->key);
	if (found > 0)
		error_set(err_r, "%s: %s logs in with it; remove the key first",
			  place->address, key);
	mem_free_string(&key);
	if (found != 0)
		return -1;
	removed = master_run(master, err_r,
			     "DELETE FROM addresses WHERE key = ?1", "s",
			     place->key);
	if (removed == 0)
		return error_set(err_r, "%s is not in the directory",
				 place->address);
	return removed < 0 ? -1 : 0;
}

int master_address_remove(struct master *master, const char *address,
			  struct error *err_r)
{
	struct master_place place;
	int result;

	if (master_place(master, &place, address, err_r) < 0)
		return -1;
	/* Who types "anna+list@" does not mean that "anna@" goes. */
	if (place.delimited)
		result = error_set(err_r, "%s is not in the directory",
				   place.address);
	else
		result = remove_address(master, &place, err_r);
	master_place_release(&place);
	return result;
}

static int
list(struct master *master, const char *account,
     void (*each)(void *context, const struct master_address *address),
     void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement = master_query(
		master, err_r,
		"SELECT address, account FROM addresses"
		" WHERE ?1 IS NULL OR account = ?1 ORDER BY domain, key",
		"s", account);
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		const struct master_address address = {
			.address = sqlite_column_string(statement, 0),
			.account = sqlite_column_string(statement, 1),
		};

		each(context, &address);
	}
	sqlite_finalize(&statement);
	return found;
}

int master_address_list(struct master *master, const char *account,
			void (*each)(void *context,
				     const struct master_address *address),
			void *context, struct error *err_r)
{
	char *name = NULL;
	int result;

	if (account != NULL &&
	    master_account_name(master, &name, account, err_r) < 0)
		return -1;
	result = list(master, name, each, context, err_r);
	mem_free_string(&name);
	return result;
}
