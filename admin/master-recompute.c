#include "admin/master-internal.h"

#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>

/* Rows are read whole before the first is changed. */
struct texts {
	char **text;
	size_t count;
};

static void texts_release(struct texts *texts)
{
	while (texts->count > 0)
		mem_free_string(&texts->text[--texts->count]);
	free(texts->text);
	texts->text = NULL;
}

static int texts_read(struct master *master, struct texts *texts,
		      const char *sql, const char *domain, struct error *err_r)
{
	struct sqlite_stmt *statement =
		master_query(master, err_r, sql, "s", domain);
	int found;

	*texts = (struct texts){ .text = NULL };
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		texts->text = mem_resize(texts->text, texts->count + 1,
					 sizeof(*texts->text));
		texts->text[texts->count++] =
			mem_strdup(sqlite_column_string(statement, 0));
	}
	sqlite_finalize(&statement);
	if (found < 0)
		texts_release(texts);
	return found;
}

/* Two grants of one holder may not become one and the same. */
static int recompute_grant(struct master *master, const char *address,
			   const struct master_place *place,
			   struct error *err_r)
{
	char *other = NULL;
	int found;

	found = master_find(master, &other, err_r,
			    "SELECT o.address FROM grants g JOIN grants o"
			    " ON o.account IS g.account"
			    " AND o.group_name IS g.group_name"
			    " WHERE g.address = ?1 AND o.address <> ?1"
			    " AND o.key = ?2",
			    "ss", address, place->key);
	if (found > 0)
		error_set(err_r,
			  "the grants for %s and %s would be the same: remove "
			  "one",
			  address, other);
	mem_free_string(&other);
	if (found != 0)
		return -1;
	return master_run(master, err_r,
			  "UPDATE grants SET key = ?2 WHERE address = ?1", "ss",
			  address, place->key) < 0
		       ? -1
		       : 0;
}

static int recompute_name(struct master *master, const char *name,
			  const struct master_place *place, struct error *err_r)
{
	char *owner = NULL;
	int found;

	found = master_find(master, &owner, err_r,
			    "SELECT account FROM addresses"
			    " WHERE key = ?1 AND account <> ?2",
			    "ss", place->key, name);
	if (found > 0)
		error_set(err_r,
			  "there is an account named %s, which would be an "
			  "address of account %s",
			  name, owner);
	mem_free_string(&owner);
	if (found != 0)
		return -1;
	return master_run(master, err_r,
			  "UPDATE accounts SET name_key = ?2 WHERE name = ?1",
			  "ss", name, place->key) < 0
		       ? -1
		       : 0;
}

static int recompute_each(struct master *master, const char *sql,
			  const char *domain,
			  int (*one)(struct master *master, const char *text,
				     const struct master_place *place,
				     struct error *err_r),
			  struct error *err_r)
{
	struct texts texts;
	int result = 0;
	size_t i;

	if (texts_read(master, &texts, sql, domain, err_r) < 0)
		return -1;
	for (i = 0; result == 0 && i < texts.count; i++) {
		struct master_place place;

		result = master_place(master, &place, texts.text[i], err_r);
		if (result < 0)
			break;
		result = one(master, texts.text[i], &place, err_r);
		master_place_release(&place);
	}
	texts_release(&texts);
	return result;
}

int master_recompute(struct master *master, const char *domain,
		     struct error *err_r)
{
	if (recompute_each(
		    master,
		    "SELECT DISTINCT address FROM grants WHERE domain = ?1"
		    " ORDER BY address",
		    domain, recompute_grant, err_r) < 0)
		return -1;
	return recompute_each(master,
			      "SELECT name FROM accounts WHERE name_domain = ?1"
			      " ORDER BY name",
			      domain, recompute_name, err_r);
}
