/*
 * The limit for an import: as many rows as it writes for so many accounts with
 * an address and a key each, by SQLite alone, in one durable transaction.
 *
 * usage: raw-insert FILE ACCOUNTS
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static const char schema[] =
	"PRAGMA synchronous = EXTRA;"
	"CREATE TABLE accounts (name TEXT PRIMARY KEY, password TEXT)"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE addresses (key TEXT PRIMARY KEY, account TEXT)"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE keys (fingerprint TEXT PRIMARY KEY, account TEXT)"
	" STRICT, WITHOUT ROWID;";

static const char *const inserts[] = {
	"INSERT INTO accounts VALUES (format('user%d', ?1), format('%.70c',"
	" 'x'))",
	"INSERT INTO addresses VALUES (format('user%d@example.org', ?1),"
	" format('user%d', ?1))",
	"INSERT INTO keys VALUES (format('%064x', ?1), format('user%d', ?1))",
};

static int insert(sqlite3 *db, const char *sql, long count)
{
	sqlite3_stmt *statement;
	int result = SQLITE_DONE;
	long i;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		return SQLITE_ERROR;
	for (i = 0; i < count && result == SQLITE_DONE; i++) {
		(void)sqlite3_bind_int64(statement, 1, i);
		result = sqlite3_step(statement);
		(void)sqlite3_reset(statement);
	}
	(void)sqlite3_finalize(statement);
	return result;
}

int main(int argc, char **argv)
{
	int result = SQLITE_DONE;
	sqlite3 *db;
	size_t i;

	if (argc != 3)
		return EX_USAGE;
	if (sqlite3_open(argv[1], &db) != SQLITE_OK ||
	    sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN;", NULL, NULL, NULL) != SQLITE_OK)
		result = SQLITE_ERROR;
	for (i = 0; i < 3 && result == SQLITE_DONE; i++)
		result = insert(db, inserts[i], strtol(argv[2], NULL, 10));
	if (result == SQLITE_DONE &&
	    sqlite3_exec(db, "COMMIT;", NULL, NULL, NULL) != SQLITE_OK)
		result = SQLITE_ERROR;
	if (result != SQLITE_DONE)
		(void)fprintf(stderr, "%s: %s\n", argv[1], sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	return result == SQLITE_DONE ? EX_OK : EX_IOERR;
}
