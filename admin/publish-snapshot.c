#include "admin/publish-internal.h"

#include "admin/files.h"
#include "admin/master.h"
#include "common/directory-schema.h"
#include "common/error.h"
#include "common/sqlite.h"

/* Without password hashes and without what only the command needs. */
static const char copy[] =
	"PRAGMA snapshot.journal_mode = MEMORY;"
	"PRAGMA snapshot.synchronous = OFF;"
	"BEGIN;"
	"CREATE TABLE snapshot.state (generation INTEGER NOT NULL) STRICT;"
	"INSERT INTO snapshot.state SELECT generation FROM main.state;"
	"CREATE TABLE snapshot.accounts ("
	" name TEXT PRIMARY KEY,"
	" enabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.accounts"
	" SELECT name, enabled FROM main.accounts ORDER BY name;"
	"CREATE TABLE snapshot.domains ("
	" name TEXT PRIMARY KEY,"
	" delimiters TEXT NOT NULL,"
	" case_sensitive INTEGER NOT NULL,"
	" alias_of TEXT) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.domains"
	" SELECT name, delimiters, case_sensitive, alias_of"
	" FROM main.domains ORDER BY name;"
	"CREATE TABLE snapshot.addresses ("
	" key TEXT PRIMARY KEY,"
	" account TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.addresses"
	" SELECT key, account FROM main.addresses ORDER BY key;"
	"CREATE TABLE snapshot.members ("
	" account TEXT NOT NULL,"
	" group_name TEXT NOT NULL,"
	" PRIMARY KEY (account, group_name)) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.members"
	" SELECT account, group_name FROM main.members"
	" ORDER BY account, group_name;"
	"CREATE TABLE snapshot.grants ("
	" key TEXT NOT NULL,"
	" holder TEXT NOT NULL,"
	" until INTEGER NOT NULL,"
	" on_behalf INTEGER NOT NULL,"
	" PRIMARY KEY (key, holder)) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.grants"
	" SELECT key, coalesce(account, '%' || group_name), until, on_behalf"
	" FROM main.grants ORDER BY 1, 2;"
	"CREATE TABLE snapshot.keys ("
	" fingerprint BLOB PRIMARY KEY,"
	" account TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" login TEXT,"
	" no_preauth INTEGER NOT NULL,"
	" no_bare_submission INTEGER NOT NULL,"
	" until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO snapshot.keys"
	" SELECT fingerprint, account, name, login, no_preauth,"
	" no_bare_submission, until FROM main.keys ORDER BY fingerprint;"
	"PRAGMA snapshot.user_version = 1;"
	"COMMIT;";
_Static_assert(DIRECTORY_PUBLISHED_VERSION == 1, "copy sets user_version");

static int attach(struct sqlite *db, const char *path, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int result;

	if (sqlite_prepare(&statement, db, "ATTACH ?1 AS snapshot", err_r) < 0)
		return -1;
	sqlite_bind_string(statement, 1, path);
	result = sqlite_step(statement, err_r);
	sqlite_finalize(&statement);
	return result;
}

int publish_snapshot(struct master *master, const char *path,
		     struct error *err_r)
{
	struct sqlite *db = master_db(master);
	int result;

	/* Made here, for its mode: SQLite fills an empty file. */
	if (files_write(path, "", 0, err_r) < 0 || attach(db, path, err_r) < 0)
		return -1;
	result = sqlite_exec(db, copy, err_r);
	if (result < 0)
		master_rollback(master);
	if (sqlite_exec(db, "DETACH snapshot;", result < 0 ? NULL : err_r) < 0)
		result = -1;
	return result < 0 ? -1 : files_sync(path, err_r);
}
