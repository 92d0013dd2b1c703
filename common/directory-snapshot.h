#ifndef COMMON_DIRECTORY_SNAPSHOT_H
#define COMMON_DIRECTORY_SNAPSHOT_H

#include "common/address.h"
#include "common/directory.h"

#include <stdbool.h>

struct sqlite_stmt;

/*
 * The published SQLite file: which one is open, the questions it is asked, and
 * what it has answered of late.
 */
struct snapshot;

enum snapshot_question {
	SNAPSHOT_VERSION,
	SNAPSHOT_KEY,
	SNAPSHOT_ACCOUNT,
	SNAPSHOT_DOMAIN,
	SNAPSHOT_ADDRESS,
	SNAPSHOT_MEMBER,
	SNAPSHOT_GRANT,
	SNAPSHOT_COUNT,
};

/* Of a domain that is served. */
struct snapshot_domain {
	char *target; /* itself, or what it is an alias of */
	struct address_rules rules;
};

/* Nothing is looked at yet. The path is copied. */
struct snapshot *snapshot_new(const char *path);
void snapshot_free(struct snapshot **snapshot);

/* Before a question: open what is published now, unless it is open. */
int snapshot_refresh(struct snapshot *snapshot, struct error *err_r);

/* Not after a failure. */
bool snapshot_is_open(const struct snapshot *snapshot);

/* To be bound, asked and reset. Valid until the next refresh. */
struct sqlite_stmt *snapshot_statement(const struct snapshot *snapshot,
				       enum snapshot_question question);

/*
 * YES: a row is there. A failure ends the connection, and all statements: the
 * next refresh opens the file anew, which may by then be whole again.
 */
enum directory_result snapshot_ask(struct snapshot *snapshot,
				   struct sqlite_stmt *statement,
				   struct error *err_r);

/* A column that may not be NULL, "" if a damaged file has it so; the
 * caller's. */
char *snapshot_text(struct sqlite_stmt *statement, int column);

/* What these find is valid until the next refresh or find of the same kind. */

enum directory_result
snapshot_find_account(struct snapshot *snapshot, const char *name,
		      const struct directory_account **account_r,
		      struct error *err_r);

/* NULL for a foreign domain. */
enum directory_result
snapshot_find_domain(struct snapshot *snapshot, const char *name,
		     const struct snapshot_domain **domain_r,
		     struct error *err_r);

/* Whose is this key of an address? "" if it is nobody's. */
enum directory_result
snapshot_find_owner(struct snapshot *snapshot, const char *key,
		    const char **account_r, struct error *err_r);

#endif
