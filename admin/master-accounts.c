#include "admin/master-internal.h"

#include "admin/password-scheme.h"
#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>

/* Nobody else may have the address that the account is named like. */
static int check_name(struct master *master, const char *name,
		      struct master_place *place_r, struct error *err_r)
{
	struct error not_an_address;
	char *owner = NULL;
	int found;

	if (strchr(name, '@') == NULL ||
	    master_place(master, place_r, name, &not_an_address) < 0)
		return 0;
	found = master_find(master, &owner, err_r,
			    "SELECT account FROM addresses WHERE key = ?1", "s",
			    place_r->key);
	if (found > 0)
		error_set(err_r,
			  "an account can't be named %s: that is an address of "
			  "account %s",
			  name, owner);
	mem_free_string(&owner);
	return found == 0 ? 0 : -1;
}

static int add(struct master *master, const char *name, bool enabled,
	       const char *password, struct error *err_r)
{
	struct master_place place = { .key = NULL };
	int found, result = -1;

	found = master_find(master, NULL, err_r,
			    "SELECT 1 FROM accounts WHERE name = ?1", "s",
			    name);
	if (found > 0)
		error_set(err_r, "there is an account %s already", name);
	if (found == 0 && account_name_check_new(name, err_r) == 0 &&
	    check_name(master, name, &place, err_r) == 0 &&
	    master_run(master, err_r,
		       "INSERT INTO accounts"
		       " (name, enabled, password, name_domain, name_key)"
		       " VALUES (?1, ?2, ?3, ?4, ?5)",
		       "sisss", name, (long long)enabled, password,
		       place.domain, place.key) >= 0)
		result = 0;
	master_place_release(&place);
	return result;
}

int master_account_add(struct master *master, const char *name,
		       struct error *err_r)
{
	const struct master_account account = { .name = name, .enabled = true };

	return master_account_put(master, &account, err_r);
}

int master_account_put(struct master *master,
		       const struct master_account *account,
		       struct error *err_r)
{
	char *parsed;
	int result;

	if (account->password != NULL &&
	    password_hash_check(account->password, err_r) < 0)
		return -1;
	if (account_name_parse(&parsed, account->name, err_r) < 0)
		return -1;
	result =
		add(master, parsed, account->enabled, account->password, err_r);
	mem_free_string(&parsed);
	return result;
}

int master_account_enable(struct master *master, const char *name, bool enable,
			  struct error *err_r)
{
	char *kept;
	long long changed;

	if (master_account_name(master, &kept, name, err_r) < 0)
		return -1;
	changed = master_run(master, err_r,
			     "UPDATE accounts SET enabled = ?2 WHERE name = ?1",
			     "si", kept, (long long)enable);
	mem_free_string(&kept);
	return changed < 0 ? -1 : 0;
}

int master_account_set_password(struct master *master, const char *name,
				const char *hash, struct error *err_r)
{
	char *kept;
	long long changed;

	if (password_hash_check(hash, err_r) < 0 ||
	    master_account_name(master, &kept, name, err_r) < 0)
		return -1;
	changed =
		master_run(master, err_r,
			   "UPDATE accounts SET password = ?2 WHERE name = ?1",
			   "ss", kept, hash);
	mem_free_string(&kept);
	return changed < 0 ? -1 : 0;
}

static int remove_all(struct master *master, const char *name,
		      struct master_removed *removed_r, struct error *err_r)
{
	/* Keys before the addresses that they may refer to. */
	const struct {
		const char *sql;
		long long *count;
	} steps[] = {
		{ "DELETE FROM keys WHERE account = ?1", &removed_r->keys },
		{ "DELETE FROM addresses WHERE account = ?1",
		  &removed_r->addresses },
		{ "DELETE FROM grants WHERE account = ?1", &removed_r->grants },
		{ "DELETE FROM members WHERE account = ?1",
		  &removed_r->memberships },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		*steps[i].count =
			master_run(master, err_r, steps[i].sql, "s", name);
		if (*steps[i].count < 0)
			return -1;
	}
	return master_run(master, err_r, "DELETE FROM accounts WHERE name = ?1",
			  "s", name) < 0
		       ? -1
		       : 0;
}

int master_account_remove(struct master *master, const char *name,
			  struct master_removed *removed_r, struct error *err_r)
{
	char *kept;
	int result;

	*removed_r = (struct master_removed){ .keys = 0 };
	if (master_account_name(master, &kept, name, err_r) < 0)
		return -1;
	result = remove_all(master, kept, removed_r, err_r);
	mem_free_string(&kept);
	return result;
}

static int
list(struct master *master, const char *name,
     void (*each)(void *context, const struct master_account *account),
     void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement = master_query(
		master, err_r,
		"SELECT name, enabled, password,"
		" (SELECT count(*) FROM addresses WHERE account = a.name),"
		" (SELECT count(*) FROM keys k WHERE k.account = a.name)"
		" FROM accounts a WHERE ?1 IS NULL OR name = ?1 ORDER BY name",
		"s", name);
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		const struct master_account account = {
			.name = sqlite_column_string(statement, 0),
			.enabled = sqlite_column_integer(statement, 1) != 0,
			.password = sqlite_column_string(statement, 2),
			.addresses = sqlite_column_integer(statement, 3),
			.keys = sqlite_column_integer(statement, 4),
		};

		each(context, &account);
	}
	sqlite_finalize(&statement);
	return found;
}

int master_account_list(struct master *master, const char *name,
			void (*each)(void *context,
				     const struct master_account *account),
			void *context, struct error *err_r)
{
	char *kept = NULL;
	int result;

	if (name != NULL && master_account_name(master, &kept, name, err_r) < 0)
		return -1;
	result = list(master, kept, each, context, err_r);
	mem_free_string(&kept);
	return result;
}
