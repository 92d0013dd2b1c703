#include "admin/master-internal.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/unicode.h"

#include <string.h>
#include <sysexits.h>

/* Whoever reads a log line with the name must not be led astray by it. */
static int check_name(const char *name, struct error *err_r)
{
	if (name == NULL || name[0] == '\0')
		return error_set(err_r, "the key has no name; give it one "
					"with --name");
	if (strlen(name) > PUBLIC_KEY_NAME_MAX)
		return error_set(err_r,
				 "the key's name is longer than %d octets; "
				 "give it a shorter one with --name",
				 PUBLIC_KEY_NAME_MAX);
	if (unicode_check(name, strlen(name), err_r) < 0)
		return error_prefix(err_r, "the key's name");
	return 0;
}

static int check_new(struct master *master, const struct master_key *key,
		     struct error *err_r)
{
	char *owner = NULL;
	int found;

	found = master_find(master, &owner, err_r,
			    "SELECT account || ', as \"' || name || '\"'"
			    " FROM keys WHERE fingerprint = ?1",
			    "f", &key->fingerprint);
	if (found > 0)
		error_set(err_r, "this key is of account %s, already", owner);
	mem_free_string(&owner);
	return found == 0 ? 0 : -1;
}

/* Whose that row of addresses is, if it is there. */
static int find_owner(struct master *master, char **owner_r, const char *key,
		      struct error *err_r)
{
	return master_find(master, owner_r, err_r,
			   "SELECT account FROM addresses WHERE key = ?1", "s",
			   key);
}

/* The row of addresses that makes the login the account's own. */
static int find_login(struct master *master, const struct master_place *place,
		      const char *account, char **address_r,
		      struct error *err_r)
{
	char *key = mem_strdup(place->key), *owner = NULL;
	int found;

	if (place->whole_domain) {
		mem_free_string(&key);
		return error_set(err_r,
				 "%s is a whole domain; name one "
				 "address to log in as",
				 place->address);
	}
	/* An exact address comes before the catch-all. */
	found = find_owner(master, &owner, key, err_r);
	if (found == 0) {
		mem_free_string(&key);
		key = mem_printf("@%s", place->target);
		found = find_owner(master, &owner, key, err_r);
	}
	if (found == 0 || (found > 0 && strcmp(owner, account) != 0))
		found = error_set(err_r, "%s is not an address of account %s",
				  place->address, account);
	mem_free_string(&owner);
	if (found < 0)
		mem_free_string(&key);
	*address_r = key;
	return found < 0 ? -1 : 0;
}

static int insert(struct master *master, const struct master_key *key,
		  const char *account, const struct master_place *login,
		  const char *login_address, struct error *err_r)
{
	return master_run(master, err_r,
			  "INSERT INTO keys (fingerprint, account, name, type,"
			  " login, login_domain, login_key, login_address,"
			  " no_preauth, no_bare_submission, created, until)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
			  " ?11, ?12)",
			  "fsssssssiiii", &key->fingerprint, account, key->name,
			  key->type, login->address, login->domain, login->key,
			  login_address, (long long)key->no_preauth,
			  (long long)key->no_bare_submission,
			  (long long)key->created, (long long)key->until) < 0
		       ? -1
		       : 0;
}

int master_key_add(struct master *master, const struct master_key *key,
		   struct error *err_r)
{
	struct master_place login = { .key = NULL };
	char *account = NULL, *address = NULL;
	int result = -1;

	if (check_name(key->name, err_r) < 0 ||
	    check_new(master, key, err_r) < 0 ||
	    master_account_name(master, &account, key->account, err_r) < 0)
		return -1;
	if (key->login != NULL &&
	    (master_place(master, &login, key->login, err_r) < 0 ||
	     find_login(master, &login, account, &address, err_r) < 0))
		goto out;
	result = insert(master, key, account, &login, address, err_r);
out:
	master_place_release(&login);
	mem_free_string(&address);
	mem_free_string(&account);
	return result;
}

int master_key_remove(struct master *master,
		      const struct fingerprint *fingerprint,
		      struct error *err_r)
{
	long long removed = master_run(master, err_r,
				       "DELETE FROM keys"
				       " WHERE fingerprint = ?1",
				       "f", fingerprint);

	if (removed == 0)
		return error_set(err_r, "no account has this key");
	return removed < 0 ? -1 : 0;
}

#define KEY_COLUMNS                                                            \
	"SELECT fingerprint, account, name, type, login, no_preauth,"          \
	" no_bare_submission, created, until FROM keys "

static int call_each(struct sqlite_stmt *statement,
		     void (*each)(void *context, const struct master_key *key),
		     void *context, int *count_r, struct error *err_r)
{
	int found;

	*count_r = 0;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		struct master_key key = {
			.account = sqlite_column_string(statement, 1),
			.name = sqlite_column_string(statement, 2),
			.type = sqlite_column_string(statement, 3),
			.login = sqlite_column_string(statement, 4),
			.no_preauth = sqlite_column_integer(statement, 5) != 0,
			.no_bare_submission =
				sqlite_column_integer(statement, 6) != 0,
			.created = (time_t)sqlite_column_integer(statement, 7),
			.until = (time_t)sqlite_column_integer(statement, 8),
		};
		size_t len;
		const void *data = sqlite_column_blob(statement, 0, &len);

		if (data == NULL || len != sizeof(key.fingerprint.sha256))
			return error_set(err_r, "a fingerprint in the "
						"directory is damaged; run "
						"\"countersign directory "
						"check\"");
		memcpy(key.fingerprint.sha256, data, len);
		each(context, &key);
		(*count_r)++;
	}
	return found;
}

int master_key_list(struct master *master, const char *account,
		    void (*each)(void *context, const struct master_key *key),
		    void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	char *name = NULL;
	int count, result = -1;

	if (account != NULL &&
	    master_account_name(master, &name, account, err_r) < 0)
		return -1;
	statement =
		master_query(master, err_r,
			     KEY_COLUMNS "WHERE ?1 IS NULL OR account = ?1"
					 " ORDER BY account, name, fingerprint",
			     "s", name);
	if (statement != NULL)
		result = call_each(statement, each, context, &count, err_r);
	sqlite_finalize(&statement);
	mem_free_string(&name);
	return result;
}

int master_key_get(struct master *master, const struct fingerprint *fingerprint,
		   void (*each)(void *context, const struct master_key *key),
		   void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int count = 0, result = -1;

	statement = master_query(master, err_r,
				 KEY_COLUMNS "WHERE fingerprint = ?1", "f",
				 fingerprint);
	if (statement != NULL)
		result = call_each(statement, each, context, &count, err_r);
	sqlite_finalize(&statement);
	if (result == 0 && count == 0)
		return error_set(err_r, "no account has this key");
	return result;
}
