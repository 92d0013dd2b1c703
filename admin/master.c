#include "admin/master-internal.h"

#include "admin/files.h"
#include "admin/lock.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

struct master {
	char *folder;
	struct sqlite *db;
	int lock;
};

/*
 * name_key: the key of an account's name, if it can be read as an address, so
 * that nobody else has that address. login_key likewise for a key's login
 * address; login_address is the row of addresses that makes it the account's.
 * The columns named domain are the domain as written, for master_recompute().
 */
static const char schema[] =
	"BEGIN;"
	"CREATE TABLE state ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" generation INTEGER NOT NULL,"
	" publish_from INTEGER NOT NULL) STRICT;"
	"INSERT INTO state VALUES (1, 1, 1);"
	"CREATE TABLE accounts ("
	" name TEXT PRIMARY KEY,"
	" enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),"
	" password TEXT,"
	" name_domain TEXT,"
	" name_key TEXT) STRICT, WITHOUT ROWID;"
	"CREATE INDEX accounts_name_domain ON accounts (name_domain);"
	"CREATE INDEX accounts_name_key ON accounts (name_key);"
	"CREATE TABLE domains ("
	" name TEXT PRIMARY KEY,"
	" delimiters TEXT NOT NULL,"
	" case_sensitive INTEGER NOT NULL CHECK (case_sensitive IN (0, 1)),"
	" alias_of TEXT REFERENCES domains (name)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX domains_alias_of ON domains (alias_of);"
	"CREATE TABLE addresses ("
	" key TEXT PRIMARY KEY,"
	" address TEXT NOT NULL,"
	" domain TEXT NOT NULL REFERENCES domains (name),"
	" account TEXT NOT NULL REFERENCES accounts (name))"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX addresses_domain ON addresses (domain);"
	"CREATE INDEX addresses_account ON addresses (account);"
	"CREATE TABLE groups (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
	"CREATE TABLE members ("
	" group_name TEXT NOT NULL REFERENCES groups (name),"
	" account TEXT NOT NULL REFERENCES accounts (name),"
	" PRIMARY KEY (group_name, account)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX members_account ON members (account);"
	"CREATE TABLE grants ("
	" account TEXT REFERENCES accounts (name),"
	" group_name TEXT REFERENCES groups (name),"
	" address TEXT NOT NULL,"
	" domain TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" until INTEGER NOT NULL,"
	" on_behalf INTEGER NOT NULL CHECK (on_behalf IN (0, 1)),"
	" CHECK ((account IS NULL) <> (group_name IS NULL)),"
	" UNIQUE (account, key), UNIQUE (group_name, key)) STRICT;"
	"CREATE INDEX grants_domain ON grants (domain);"
	"CREATE TABLE keys ("
	" fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32),"
	" account TEXT NOT NULL REFERENCES accounts (name),"
	" name TEXT NOT NULL,"
	" type TEXT NOT NULL,"
	" login TEXT,"
	" login_domain TEXT,"
	" login_key TEXT,"
	" login_address TEXT REFERENCES addresses (key),"
	" no_preauth INTEGER NOT NULL CHECK (no_preauth IN (0, 1)),"
	" no_bare_submission INTEGER NOT NULL"
	"  CHECK (no_bare_submission IN (0, 1)),"
	" created INTEGER NOT NULL,"
	" until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX keys_account ON keys (account);"
	"CREATE INDEX keys_login_domain ON keys (login_domain);"
	"CREATE INDEX keys_login_key ON keys (login_key);"
	"CREATE INDEX keys_login_address ON keys (login_address);"
	"PRAGMA user_version = 1;"
	"COMMIT;";
_Static_assert(MASTER_VERSION == 1, "the schema sets user_version");

/* Written beside and renamed, so a master is there whole or not at all. */
static int make_master(const char *path, struct error *err_r)
{
	char *beside = mem_printf("%s.new", path);
	char *journal = mem_printf("%s.new-journal", path);
	struct sqlite *db = NULL;
	int result = -1;

	if (files_remove(beside, err_r) < 0 ||
	    files_remove(journal, err_r) < 0 ||
	    sqlite_open(&db, beside, SQLITE_MODE_CREATE, err_r) < 0 ||
	    sqlite_exec(db, schema, err_r) < 0)
		goto out;
	sqlite_close(&db);
	result = files_sync(beside, err_r);
	if (result == 0)
		result = files_rename(beside, path, err_r);
out:
	sqlite_close(&db);
	mem_free_string(&journal);
	mem_free_string(&beside);
	return result;
}

int master_init(const char *folder, struct error *err_r)
{
	char *path = mem_printf("%s/%s", folder, MASTER_FILE);
	struct stat status;
	int lock = -1, result = -1;

	if (files_make_folder(folder, 0751, err_r) < 0 ||
	    lock_take(&lock, folder, err_r) < 0)
		goto out;
	if (lstat(path, &status) == 0)
		error_set_as(err_r, EX_CANTCREAT,
			     "%s: there is an account directory already", path);
	else if (errno != ENOENT)
		error_set_as(err_r, EX_CANTCREAT, "%s: %s", path,
			     strerror(errno));
	else
		result = make_master(path, err_r);
out:
	lock_release(&lock);
	mem_free_string(&path);
	return result;
}

static int check_version(struct master *master, struct error *err_r)
{
	char *version = NULL;
	int known = -1;

	if (master_find(master, &version, err_r,
			"SELECT user_version FROM pragma_user_version", "") < 0)
		return -1;
	if (version != NULL && strtol(version, NULL, 10) == MASTER_VERSION)
		known = 0;
	else
		error_set_as(err_r, EX_UNAVAILABLE,
			     "%s/%s: version %s of the directory's form, and "
			     "this command knows %d; upgrade the countersign "
			     "package",
			     master->folder, MASTER_FILE,
			     version != NULL ? version : "none",
			     MASTER_VERSION);
	mem_free_string(&version);
	return known;
}

int master_open(struct master **master_r, const char *folder,
		struct error *err_r)
{
	struct master *master = mem_alloc(sizeof(*master));
	char *path = mem_printf("%s/%s", folder, MASTER_FILE);
	int result = -1;

	master->folder = mem_strdup(folder);
	master->lock = -1;
	if (access(path, R_OK | W_OK) < 0) {
		error_set_as(err_r,
			     errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE,
			     "%s: %s%s", path, strerror(errno),
			     errno == ENOENT ? "; run \"countersign directory "
					       "init\""
					     : "");
		goto out;
	}
	if (lock_take(&master->lock, folder, err_r) < 0 ||
	    sqlite_open(&master->db, path, SQLITE_MODE_WRITE, err_r) < 0)
		goto out;
	result = check_version(master, err_r);
out:
	mem_free_string(&path);
	if (result < 0)
		master_close(&master);
	*master_r = master;
	return result;
}

void master_close(struct master **master)
{
	if (*master == NULL)
		return;
	sqlite_close(&(*master)->db);
	lock_release(&(*master)->lock);
	mem_free_string(&(*master)->folder);
	free(*master);
	*master = NULL;
}

int master_begin(struct master *master, struct error *err_r)
{
	return sqlite_exec(master->db, "BEGIN IMMEDIATE;", err_r);
}

int master_commit(struct master *master, bool publish, struct error *err_r)
{
	const char *mark = "UPDATE state SET publish_from = generation;";

	if (sqlite_exec(master->db,
			"UPDATE state SET generation = generation + 1;",
			err_r) < 0 ||
	    (publish && sqlite_exec(master->db, mark, err_r) < 0))
		return -1;
	return sqlite_exec(master->db, "COMMIT;", err_r);
}

void master_rollback(struct master *master)
{
	/* An error may have rolled back already: nothing is left to do. */
	(void)sqlite_exec(master->db, "ROLLBACK;", NULL);
}

const char *master_folder(const struct master *master)
{
	return master->folder;
}

struct sqlite *master_db(struct master *master)
{
	return master->db;
}

int master_state(struct master *master, struct master_state *state_r,
		 struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement =
		master_query(master, err_r,
			     "SELECT generation, publish_from FROM state", "");
	if (statement == NULL)
		return -1;
	found = sqlite_step(statement, err_r);
	if (found > 0) {
		state_r->generation = sqlite_column_integer(statement, 0);
		state_r->publish_from = sqlite_column_integer(statement, 1);
	} else if (found == 0) {
		error_set_as(err_r, EX_DATAERR,
			     "%s/%s: its state is missing; restore it from a "
			     "backup",
			     master->folder, MASTER_FILE);
	}
	sqlite_finalize(&statement);
	return found > 0 ? 0 : -1;
}

int master_demand_publication(struct master *master, struct error *err_r)
{
	return sqlite_exec(master->db,
			   "UPDATE state SET publish_from = generation"
			   " WHERE publish_from <> generation;",
			   err_r);
}

static struct sqlite_stmt *query(struct master *master, struct error *err_r,
				 const char *sql, const char *types,
				 va_list values)
{
	struct sqlite_stmt *statement;
	int index;

	if (sqlite_prepare(&statement, master->db, sql, err_r) < 0)
		return NULL;
	for (index = 1; *types != '\0'; types++, index++) {
		const struct fingerprint *fingerprint;

		switch (*types) {
		case 's':
			sqlite_bind_string(statement, index,
					   va_arg(values, const char *));
			break;
		case 'i':
			sqlite_bind_integer(statement, index,
					    va_arg(values, long long));
			break;
		case 'f':
			fingerprint =
				va_arg(values, const struct fingerprint *);
			sqlite_bind_blob(statement, index, fingerprint->sha256,
					 sizeof(fingerprint->sha256));
			break;
		default:
			abort();
		}
	}
	return statement;
}

struct sqlite_stmt *master_query(struct master *master, struct error *err_r,
				 const char *sql, const char *types, ...)
{
	struct sqlite_stmt *statement;
	va_list values;

	va_start(values, types);
	statement = query(master, err_r, sql, types, values);
	va_end(values);
	return statement;
}

long long master_run(struct master *master, struct error *err_r,
		     const char *sql, const char *types, ...)
{
	struct sqlite_stmt *statement;
	long long changes = -1;
	va_list values;

	va_start(values, types);
	statement = query(master, err_r, sql, types, values);
	va_end(values);
	if (statement == NULL)
		return -1;
	if (sqlite_step(statement, err_r) >= 0)
		changes = sqlite_changes(master->db);
	sqlite_finalize(&statement);
	return changes;
}

int master_find(struct master *master, char **text_r, struct error *err_r,
		const char *sql, const char *types, ...)
{
	struct sqlite_stmt *statement;
	va_list values;
	int found;

	if (text_r != NULL)
		*text_r = NULL;
	va_start(values, types);
	statement = query(master, err_r, sql, types, values);
	va_end(values);
	if (statement == NULL)
		return -1;
	found = sqlite_step(statement, err_r);
	if (found > 0 && text_r != NULL) {
		const char *text = sqlite_column_string(statement, 0);

		*text_r = text != NULL ? mem_strdup(text) : NULL;
	}
	sqlite_finalize(&statement);
	return found;
}
