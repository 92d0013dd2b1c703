#ifndef ADMIN_DKIM_STORE_H
#define ADMIN_DKIM_STORE_H

#include "common/dkim-table.h"

#include <stdbool.h>

struct error;

/*
 * The key table and its folder, as the command changes them; milter-dkim only
 * reads them. What is made is readable by the group milter-dkim, if there is
 * one.
 */
struct dkim_store {
	char *path;   /* of the table */
	char *folder; /* that it is in */
	struct dkim_table table;
	int lock; /* -1: only read */
};

/*
 * A table that is not there is empty. To be changed, its folder is made and
 * locked: one command at a time.
 */
int dkim_store_open(struct dkim_store *store_r, const char *path, bool change,
		    struct error *err_r);
void dkim_store_close(struct dkim_store *store);

/*
 * Make a key, pending; the entry is in the table, which is not saved. The
 * key's file must not be there.
 */
int dkim_store_add(struct dkim_store *store, const char *domain,
		   const char *selector, enum dkim_algorithm algorithm,
		   struct error *err_r);

/* Remove the keys that were made from entry first on. */
void dkim_store_discard(const struct dkim_store *store, size_t first);

/* Is the name free, in the table and in the folder? */
bool dkim_store_free(const struct dkim_store *store, const char *domain,
		     const char *selector);

/* The text of the entry's DNS record, from its key file; the caller's. */
int dkim_store_record(char **record_r, const struct dkim_store *store,
		      const struct dkim_table_entry *entry,
		      struct error *err_r);

/* Replaces the file in one step. */
int dkim_store_save(const struct dkim_store *store, struct error *err_r);

#endif
