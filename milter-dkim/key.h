#ifndef MILTER_DKIM_KEY_H
#define MILTER_DKIM_KEY_H

#include "common/dkim-key.h"
#include "common/shared.h"

#include <stdbool.h>

struct dkim_table_entry;
struct error;
struct signing_key;

/*
 * A line of the key table that signs or is to, with its key file. The private
 * key is read when it is first wanted and kept; of all keys of the process, as
 * many as KEY_KEPT_MAX are, those wanted last. All else never changes.
 */
struct key {
	struct shared shared;
	char *domain;
	char *selector;
	char *path;
	enum dkim_algorithm algorithm;
	bool active;
	bool subdomains;
	struct dkim_key_file file; /* when the table was read */

	/* key.c's own, under its lock. */
	struct signing_key *private; /* NULL: not read, or made way */
	struct key *newer, *older;
};

/* Two for each of as many domains as send at a time; 10 KB each. */
#define KEY_KEPT_MAX 2048

/*
 * Held once, by the caller. The strings are taken from entry. What of the file
 * is not as dkim_key_load() wants it is an error, apart from its content.
 */
int key_new(struct key **key_r, struct dkim_table_entry *entry,
	    const char *table_path, struct error *err_r);

/* Gives up one hold; clears *key; NULL is fine. */
void key_release(struct key **key);

/* By domain; of a domain the active ones first, RSA before Ed25519. */
int key_compare(const struct key *a, const struct key *b);

/* All of the line is the same, and the file was not touched in between. */
bool key_is_unchanged(const struct key *a, const struct key *b);

/*
 * The private key, for signing_key_release(). From any thread; none waits while
 * another reads a file. The error names the file.
 */
int key_take(struct signing_key **private_r, struct key *key,
	     struct error *err_r);

/* Whether the file holds what it should; it is not kept. */
int key_check(const struct key *key, struct error *err_r);

#endif
