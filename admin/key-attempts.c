#include "admin/key-attempts.h"

#include "admin/key-attempt.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/spool.h"
#include "common/sqlite.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define VERSION 1
#define DAY (24 * (time_t)3600)

struct key_attempts {
	struct sqlite *db;
};

/* passed: of two classes, so that failures cannot crowd out the others. */
static const char schema[] =
	"CREATE TABLE spool ("
	" inode INTEGER NOT NULL,"
	" place INTEGER NOT NULL) STRICT;"
	"INSERT INTO spool VALUES (0, 0);"
	"CREATE TABLE attempts ("
	" key TEXT NOT NULL,"
	" remote TEXT NOT NULL,"
	" account TEXT NOT NULL,"
	" login TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" result TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	" mechanism TEXT NOT NULL,"
	" protocol TEXT NOT NULL,"
	" passed INTEGER NOT NULL CHECK (passed IN (0, 1)),"
	" count INTEGER NOT NULL,"
	" first TEXT NOT NULL,"
	" last TEXT NOT NULL,"
	" UNIQUE (key, remote, account, login, name, result, reason, mechanism,"
	"  protocol)) STRICT;"
	"CREATE INDEX attempts_last ON attempts (last);"
	"CREATE INDEX attempts_account ON attempts (account, passed, last);"
	"CREATE TABLE uses ("
	" key TEXT PRIMARY KEY,"
	" last TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 1;";
_Static_assert(VERSION == 1, "the schema sets user_version");

/* 1: *value_r is the first column of the first row; 0: there is none. */
static int get_number(struct sqlite *db, const char *sql, long long *value_r,
		      struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	if (sqlite_prepare(&statement, db, sql, err_r) < 0)
		return -1;
	found = sqlite_step(statement, err_r);
	if (found > 0)
		*value_r = sqlite_column_integer(statement, 0);
	sqlite_finalize(&statement);
	return found;
}

/* One that was just made, by whom a crash may have stopped, has none yet. */
static int make_tables(struct sqlite *db, struct error *err_r)
{
	long long version = 0;

	if (sqlite_exec(db, "BEGIN IMMEDIATE", err_r) < 0 ||
	    get_number(db, "PRAGMA user_version", &version, err_r) < 0)
		return -1;
	if (version == 0 && sqlite_exec(db, schema, err_r) < 0)
		return -1;
	if (version != 0 && version != VERSION)
		return error_set_as(err_r, EX_UNAVAILABLE,
				    "it is of another version of countersign");
	return sqlite_exec(db, "COMMIT", err_r);
}

static int
open_file(struct sqlite **db_r, const char *path, struct error *err_r)
{
	/* Should another command make it meanwhile, it is there then. */
	if (access(path, F_OK) < 0 &&
	    sqlite_open(db_r, path, SQLITE_MODE_CREATE, err_r) == 0)
		return 0;
	return sqlite_open(db_r, path, SQLITE_MODE_WRITE, err_r);
}

int key_attempts_open(struct key_attempts **attempts_r, const char *path,
		      struct error *err_r)
{
	struct sqlite *db = NULL;

	*attempts_r = NULL;
	if (path != NULL ? open_file(&db, path, err_r) < 0
			 : sqlite_open(&db, ":memory:", SQLITE_MODE_WRITE,
				       err_r) < 0)
		return -1;
	if (make_tables(db, err_r) < 0) {
		sqlite_close(&db);
		return path != NULL ? error_prefix(err_r, "%s", path) : -1;
	}
	*attempts_r = mem_alloc(sizeof(**attempts_r));
	(*attempts_r)->db = db;
	return 0;
}

void key_attempts_close(struct key_attempts **attempts)
{
	if (*attempts == NULL)
		return;
	sqlite_close(&(*attempts)->db);
	free(*attempts);
	*attempts = NULL;
}

int key_attempts_begin(struct key_attempts *attempts, struct error *err_r)
{
	return sqlite_exec(attempts->db, "BEGIN IMMEDIATE", err_r);
}

int key_attempts_begin_reading(struct key_attempts *attempts,
			       struct error *err_r)
{
	return sqlite_exec(attempts->db, "BEGIN", err_r);
}

int key_attempts_commit(struct key_attempts *attempts, struct error *err_r)
{
	return sqlite_exec(attempts->db, "COMMIT", err_r);
}

/* A disk that is full has rolled it back already. */
void key_attempts_rollback(struct key_attempts *attempts)
{
	(void)sqlite_exec(attempts->db, "ROLLBACK", NULL);
}

static int run(struct sqlite_stmt **statement, struct error *err_r)
{
	int found = sqlite_step(*statement, err_r);

	sqlite_finalize(statement);
	return found < 0 ? -1 : 0;
}

static int note_use(struct key_attempts *attempts,
		    const struct key_attempt *attempt, struct error *err_r)
{
	struct sqlite_stmt *statement;

	if (sqlite_prepare(&statement, attempts->db,
			   "INSERT INTO uses (key, last) VALUES (?1, ?2)"
			   " ON CONFLICT (key) DO UPDATE"
			   " SET last = max(last, excluded.last)",
			   err_r) < 0)
		return -1;
	sqlite_bind_string(statement, 1, attempt->key);
	sqlite_bind_string(statement, 2, attempt->time);
	return run(&statement, err_r);
}

int key_attempts_add(struct key_attempts *attempts,
		     const struct key_attempt *attempt, struct error *err_r)
{
	const char *const values[] = {
		attempt->key,	 attempt->remote,    attempt->account,
		attempt->login,	 attempt->name,	     attempt->result,
		attempt->reason, attempt->mechanism, attempt->protocol,
		attempt->time,
	};
	struct sqlite_stmt *statement;
	bool passed = key_attempt_passed(attempt);
	int i;

	if (passed && note_use(attempts, attempt, err_r) < 0)
		return -1;
	if (sqlite_prepare(&statement, attempts->db,
			   "INSERT INTO attempts (key, remote, account, login,"
			   " name, result, reason, mechanism, protocol, first,"
			   " last, passed, count) VALUES (?1, ?2, ?3, ?4, ?5,"
			   " ?6, ?7, ?8, ?9, ?10, ?10, ?11, 1)"
			   " ON CONFLICT DO UPDATE SET count = count + 1,"
			   " first = min(first, excluded.first),"
			   " last = max(last, excluded.last)",
			   err_r) < 0)
		return -1;
	for (i = 0; i < 10; i++)
		sqlite_bind_string(statement, i + 1, values[i]);
	sqlite_bind_integer(statement, 11, passed);
	return run(&statement, err_r);
}

int key_attempts_forget_older(struct key_attempts *attempts, time_t now,
			      struct error *err_r)
{
	struct sqlite_stmt *statement;
	char limit[DATE_TEXT_SIZE];

	date_format(limit, now - KEY_ATTEMPTS_DAYS * DAY);
	if (sqlite_prepare(&statement, attempts->db,
			   "DELETE FROM attempts WHERE last < ?1", err_r) < 0)
		return -1;
	sqlite_bind_string(statement, 1, limit);
	return run(&statement, err_r);
}

static int forget_more(struct key_attempts *attempts, const char *sql,
		       long long max, struct error *err_r)
{
	struct sqlite_stmt *statement;

	if (sqlite_prepare(&statement, attempts->db, sql, err_r) < 0)
		return -1;
	sqlite_bind_integer(statement, 1, max);
	return run(&statement, err_r);
}

int key_attempts_prune(struct key_attempts *attempts, struct error *err_r)
{
	if (forget_more(attempts,
			"DELETE FROM attempts WHERE rowid IN (SELECT id FROM ("
			"SELECT rowid AS id, row_number() OVER ("
			"PARTITION BY account, passed ORDER BY last DESC)"
			" AS number FROM attempts) WHERE number > ?1)",
			KEY_ATTEMPTS_ACCOUNT_MAX, err_r) < 0)
		return -1;
	return forget_more(attempts,
			   "DELETE FROM attempts WHERE rowid IN ("
			   "SELECT rowid FROM attempts"
			   " ORDER BY passed DESC, last DESC"
			   " LIMIT -1 OFFSET ?1)",
			   KEY_ATTEMPTS_ROWS_MAX, err_r);
}

int key_attempts_get_place(struct key_attempts *attempts,
			   struct spool_place *place_r, struct error *err_r)
{
	*place_r = (struct spool_place){ .inode = 0 };
	if (get_number(attempts->db, "SELECT inode FROM spool", &place_r->inode,
		       err_r) < 0)
		return -1;
	return get_number(attempts->db, "SELECT place FROM spool",
			  &place_r->offset, err_r) < 0
		       ? -1
		       : 0;
}

int key_attempts_set_place(struct key_attempts *attempts,
			   const struct spool_place *place, struct error *err_r)
{
	struct sqlite_stmt *statement;

	if (sqlite_prepare(&statement, attempts->db,
			   "UPDATE spool SET inode = ?1, place = ?2",
			   err_r) < 0)
		return -1;
	sqlite_bind_integer(statement, 1, place->inode);
	sqlite_bind_integer(statement, 2, place->offset);
	return run(&statement, err_r);
}

int key_attempts_list(struct key_attempts *attempts, const char *key,
		      const char *account,
		      void (*each)(void *context,
				   const struct key_attempts_row *row),
		      void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	if (sqlite_prepare(&statement, attempts->db,
			   "SELECT account, name, result, reason, login,"
			   " mechanism, protocol, remote, key, count, first,"
			   " last FROM attempts WHERE ?1 IS NULL AND ?2 IS NULL"
			   " OR key = ?1 OR account = ?2 OR login = ?2"
			   " ORDER BY last DESC, account, key, remote, login,"
			   " result, reason, mechanism, protocol",
			   err_r) < 0)
		return -1;
	sqlite_bind_string(statement, 1, key);
	sqlite_bind_string(statement, 2, account);
	while ((found = sqlite_step(statement, err_r)) > 0) {
		const struct key_attempts_row row = {
			.account = sqlite_column_string(statement, 0),
			.name = sqlite_column_string(statement, 1),
			.result = sqlite_column_string(statement, 2),
			.reason = sqlite_column_string(statement, 3),
			.login = sqlite_column_string(statement, 4),
			.mechanism = sqlite_column_string(statement, 5),
			.protocol = sqlite_column_string(statement, 6),
			.remote = sqlite_column_string(statement, 7),
			.key = sqlite_column_string(statement, 8),
			.count = sqlite_column_integer(statement, 9),
			.first = sqlite_column_string(statement, 10),
			.last = sqlite_column_string(statement, 11),
		};

		each(context, &row);
	}
	sqlite_finalize(&statement);
	return found;
}

int key_attempts_last_use(struct key_attempts *attempts, const char *key,
			  char **last_r, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	*last_r = NULL;
	if (sqlite_prepare(&statement, attempts->db,
			   "SELECT last FROM uses WHERE key = ?1", err_r) < 0)
		return -1;
	sqlite_bind_string(statement, 1, key);
	found = sqlite_step(statement, err_r);
	if (found > 0)
		*last_r = mem_strdup(sqlite_column_string(statement, 0));
	sqlite_finalize(&statement);
	return found < 0 ? -1 : 0;
}
