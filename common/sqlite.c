#include "common/sqlite.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <sqlite3.h>

/* How long a writer waits for another; the command's lock makes it rare. */
#define BUSY_TIMEOUT_MS 5000

struct sqlite_stmt {
	struct sqlite *db;
	sqlite3_stmt *handle;
	struct sqlite_stmt *next; /* of the idle ones */
};

struct sqlite {
	sqlite3 *handle;
	char *path;
	struct sqlite_stmt *idle; /* the last one used first */
};

void sqlite_prepare_daemon(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sysexit_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
		return EX_TEMPFAIL;
	case SQLITE_CANTOPEN:
		return EX_UNAVAILABLE;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return EX_NOPERM;
	default:
		return EX_DATAERR;
	}
}

static int fail(const struct sqlite *db, struct error *err_r)
{
	int code = sqlite3_extended_errcode(db->handle);

	return error_set_as(err_r, sysexit_of(code), "%s: %s", db->path,
			    sqlite3_errmsg(db->handle));
}

/* https://www.sqlite.org/uri.html: what would end or change the path. */
static char *immutable_uri(const char *path)
{
	struct buffer uri = BUFFER_INIT;

	buffer_append_string(&uri, "file:");
	for (; *path != '\0'; path++) {
		if (strchr("?#%", *path) != NULL)
			buffer_printf(&uri, "%%%02x", (unsigned char)*path);
		else
			buffer_append_char(&uri, *path);
	}
	buffer_append_string(&uri, "?mode=ro&immutable=1");
	return buffer_steal(&uri);
}

static int create_file(const char *path, struct error *err_r)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set_as(err_r, EX_CANTCREAT,
				    "%s: can't be created: %s", path,
				    strerror(errno));
	(void)close(fd);
	return 0;
}

static int
configure(struct sqlite *db, enum sqlite_mode mode, struct error *err_r)
{
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
				NULL);
	(void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	/* The system keeps the pages anyhow, once for all handles. Not mapped
	 * into memory: a file that fails or shrinks is an error then, and no
	 * SIGBUS. One transaction for all: nothing looks for changes, there
	 * are none. */
	if (mode == SQLITE_MODE_IMMUTABLE)
		return sqlite_exec(db,
				   "PRAGMA cell_size_check = ON;"
				   "PRAGMA cache_size = -256;"
				   "PRAGMA mmap_size = 0;"
				   "BEGIN;",
				   err_r);
	/* EXTRA also syncs the folder when the journal goes: a commit that was
	 * reported done stays done after a power cut. A cache of 64 MiB keeps
	 * large changes in memory until then. */
	return sqlite_exec(db,
			   "PRAGMA foreign_keys = ON;"
			   "PRAGMA synchronous = EXTRA;"
			   "PRAGMA cache_size = -65536;"
			   "PRAGMA temp_store = MEMORY;",
			   err_r);
}

int sqlite_open(struct sqlite **db_r, const char *path, enum sqlite_mode mode,
		struct error *err_r)
{
	bool immutable = mode == SQLITE_MODE_IMMUTABLE;
	int flags = immutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
			      : SQLITE_OPEN_READWRITE;
	struct sqlite *db;
	char *name;
	int code;

	*db_r = NULL;
	if (mode == SQLITE_MODE_CREATE && create_file(path, err_r) < 0)
		return -1;
	name = immutable ? immutable_uri(path) : mem_strdup(path);
	db = mem_alloc(sizeof(*db));
	db->path = mem_strdup(path);
	code = sqlite3_open_v2(
		name, &db->handle,
		flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	mem_free_string(&name);
	if (db->handle == NULL)
		abort(); /* out of memory */
	if (code != SQLITE_OK)
		(void)fail(db, err_r);
	else if (configure(db, mode, err_r) == 0) {
		*db_r = db;
		return 0;
	}
	sqlite_close(&db);
	return -1;
}

static void forget_idle(struct sqlite *db)
{
	while (db->idle != NULL) {
		struct sqlite_stmt *stmt = db->idle;

		db->idle = stmt->next;
		(void)sqlite3_finalize(stmt->handle);
		free(stmt);
	}
}

void sqlite_close(struct sqlite **db)
{
	if (*db == NULL)
		return;
	forget_idle(*db);
	/* Busy only if a statement was not finalized: a bug of ours. */
	if (sqlite3_close((*db)->handle) != SQLITE_OK)
		abort();
	mem_free_string(&(*db)->path);
	free(*db);
	*db = NULL;
}

int sqlite_exec(struct sqlite *db, const char *sql, struct error *err_r)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, err_r);
	return 0;
}

long long sqlite_changes(const struct sqlite *db)
{
	return sqlite3_changes64(db->handle);
}

static struct sqlite_stmt *take_idle(struct sqlite *db, const char *sql)
{
	struct sqlite_stmt **at, *found;

	for (at = &db->idle; *at != NULL; at = &(*at)->next) {
		if (strcmp(sqlite3_sql((*at)->handle), sql) != 0)
			continue;
		found = *at;
		*at = found->next;
		return found;
	}
	return NULL;
}

int sqlite_prepare(struct sqlite_stmt **stmt_r, struct sqlite *db,
		   const char *sql, struct error *err_r)
{
	struct sqlite_stmt *stmt;
	sqlite3_stmt *handle;

	*stmt_r = take_idle(db, sql);
	if (*stmt_r != NULL)
		return 0;
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
			       &handle, NULL) != SQLITE_OK)
		return fail(db, err_r);
	stmt = mem_alloc(sizeof(*stmt));
	stmt->db = db;
	stmt->handle = handle;
	*stmt_r = stmt;
	return 0;
}

void sqlite_reset(struct sqlite_stmt *stmt)
{
	(void)sqlite3_reset(stmt->handle);
	(void)sqlite3_clear_bindings(stmt->handle);
}

void sqlite_finalize(struct sqlite_stmt **stmt)
{
	if (*stmt == NULL)
		return;
	sqlite_reset(*stmt);
	(*stmt)->next = (*stmt)->db->idle;
	(*stmt)->db->idle = *stmt;
	*stmt = NULL;
}

/* Only a wrong index or a lack of memory fails here. */
static void check_bound(int code)
{
	if (code != SQLITE_OK)
		abort();
}

void sqlite_bind_string(struct sqlite_stmt *stmt, int index, const char *text)
{
	check_bound(text != NULL ? sqlite3_bind_text(stmt->handle, index, text,
						     -1, SQLITE_TRANSIENT)
				 : sqlite3_bind_null(stmt->handle, index));
}

void sqlite_bind_blob(struct sqlite_stmt *stmt, int index, const void *data,
		      size_t len)
{
	check_bound(sqlite3_bind_blob64(stmt->handle, index, data, len,
					SQLITE_TRANSIENT));
}

void sqlite_bind_integer(struct sqlite_stmt *stmt, int index, long long value)
{
	check_bound(sqlite3_bind_int64(stmt->handle, index, value));
}

int sqlite_step(struct sqlite_stmt *stmt, struct error *err_r)
{
	int result = sqlite3_step(stmt->handle);

	if (result == SQLITE_ROW)
		return 1;
	if (result == SQLITE_DONE)
		return 0;
	return fail(stmt->db, err_r);
}

const char *sqlite_column_string(struct sqlite_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt->handle, column);
}

const void *
sqlite_column_blob(struct sqlite_stmt *stmt, int column, size_t *len_r)
{
	const void *data = sqlite3_column_blob(stmt->handle, column);

	*len_r = (size_t)sqlite3_column_bytes(stmt->handle, column);
	return data;
}

long long sqlite_column_integer(struct sqlite_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->handle, column);
}
