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
 * locked: one command at a time; and it must be this host that changes it (see
 * dkim-origin.h).
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
		   bool subdomains, struct error *err_r);

/* "2026-11-rsa", or with "-2" and so on behind it where that is taken. */
char *dkim_store_dated_selector(const struct dkim_store *store,
				const char *domain,
				enum dkim_algorithm algorithm);

/* Remove the entry's key file, if it is where the command makes them. */
int dkim_store_remove_key(const struct dkim_store *store,
			  const struct dkim_table_entry *entry,
			  struct error *err_r);

/* Remove the keys that were made from entry first on. */
void dkim_store_discard(const struct dkim_store *store, size_t first);

/* The text of the entry's DNS record, from its key file; the caller's. */
int dkim_store_record(char **record_r, const struct dkim_store *store,
		      const struct dkim_table_entry *entry,
		      struct error *err_r);

/* Write beside, then replace path, which the daemon may read. */
int dkim_store_write(const char *beside, const char *path, const char *data,
		     size_t len, struct error *err_r);

/* Replaces the file in one step. */
int dkim_store_save(const struct dkim_store *store, struct error *err_r);

#endif
