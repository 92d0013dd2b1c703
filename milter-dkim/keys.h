#ifndef MILTER_DKIM_KEYS_H
#define MILTER_DKIM_KEYS_H

#include "common/dkim-key.h"

#include <stddef.h>

struct error;
struct key;

/* The keys of a table that sign or are to; never changed once loaded. */
struct keys;

/* So many keys that are new are read and checked when a table is loaded. */
#define KEYS_READ_AT_LOAD 1024

/*
 * All or nothing; an error names the file. The file of each key that signs or
 * is pending must be there, and be what a key file has to be. Its content is
 * checked too where no more than KEYS_READ_AT_LOAD keys are new or changed
 * since old, which is NULL or the table in use; else when it is first wanted.
 * Keys of old that did not change are kept with what was read of them.
 */
int keys_load(struct keys **keys_r, const char *table_path,
	      const struct keys *old, struct error *err_r);
void keys_free(struct keys **keys);

/* The content of every key file. */
int keys_check(const struct keys *keys, struct error *err_r);

/*
 * The active keys for mail from this domain (A-labels, lower case), RSA first:
 * its own, else those of the nearest parent domain that are for its subdomains
 * as well. Returns how many; valid as long as keys.
 */
size_t keys_find(const struct keys *keys, const char *domain,
		 struct key *found_r[DKIM_ALGORITHM_COUNT]);

#endif
