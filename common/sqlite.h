#ifndef COMMON_SQLITE_H
#define COMMON_SQLITE_H

#include <stddef.h>

struct error;

/*
 * The only place that knows SQLite. Every failure fills err_r with the file
 * and SQLite's reason; busy and I/O errors are EX_TEMPFAIL.
 */
struct sqlite;
struct sqlite_stmt;

enum sqlite_mode {
	SQLITE_MODE_IMMUTABLE, /* read-only; the file never changes */
	SQLITE_MODE_WRITE,  /* must exist; foreign keys on, commits durable */
	SQLITE_MODE_CREATE, /* must not exist; mode 0600 */
};

/*
 * First of all, in a daemon of ours: its threads need not wait for each other
 * to count SQLite's memory. Not in a process that others use SQLite in.
 */
void sqlite_prepare_daemon(void);

int sqlite_open(struct sqlite **db_r, const char *path, enum sqlite_mode mode,
		struct error *err_r);
void sqlite_close(struct sqlite **db);

/* One or more statements without results. */
int sqlite_exec(struct sqlite *db, const char *sql, struct error *err_r);

/* Rows that the last INSERT, UPDATE or DELETE wrote. */
long long sqlite_changes(const struct sqlite *db);

/*
 * Kept by the caller, to be used again after sqlite_reset(). One that is
 * finalized waits in db for the next sqlite_prepare() of the same text, so the
 * texts must be a program's own, not made from what it meets.
 */
int sqlite_prepare(struct sqlite_stmt **stmt_r, struct sqlite *db,
		   const char *sql, struct error *err_r);
void sqlite_finalize(struct sqlite_stmt **stmt);
void sqlite_reset(struct sqlite_stmt *stmt); /* and forget what was bound */

/* index from 1; the bytes are copied; text NULL is SQL NULL. */
void sqlite_bind_string(struct sqlite_stmt *stmt, int index, const char *text);
void sqlite_bind_blob(struct sqlite_stmt *stmt, int index, const void *data,
		      size_t len);
void sqlite_bind_integer(struct sqlite_stmt *stmt, int index, long long value);

/* 1: a row is there; 0: done; -1: failed. */
int sqlite_step(struct sqlite_stmt *stmt, struct error *err_r);

/* column from 0; valid until the next step or reset; NULL for SQL NULL. */
const char *sqlite_column_string(struct sqlite_stmt *stmt, int column);
const void *
sqlite_column_blob(struct sqlite_stmt *stmt, int column, size_t *len_r);
long long sqlite_column_integer(struct sqlite_stmt *stmt, int column);

#endif
