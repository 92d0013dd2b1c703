#ifndef COMMON_DKIM_TABLE_H
#define COMMON_DKIM_TABLE_H

#include "common/dkim-key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct buffer;
struct error;

#define DKIM_TABLE_DEFAULT "/var/lib/countersign/dkim/table"

/* Beyond it a table is refused. */
#define DKIM_TABLE_MAX 67108864

/* A key's life: made, and its record to be published; signing; replaced. */
enum dkim_state {
	DKIM_PENDING,
	DKIM_ACTIVE,
	DKIM_RETIRED,
};

const char *dkim_state_name(enum dkim_state state);

/*
 * One line "DOMAIN SELECTOR ALGORITHM STATE SINCE PATH [OPTION...]". domain:
 * A-labels, lower case. selector: lower case. path: of the key file; a
 * relative one is taken from the table's folder.
 */
struct dkim_table_entry {
	char *domain;
	char *selector;
	enum dkim_algorithm algorithm;
	enum dkim_state state;
	time_t since; /* when that state began: 2026-11-22T10:20:00Z */
	char *path;
	bool subdomains; /* "subdomains": signs for domains below domain too */
	uint32_t ttl;	 /* "ttl=SECONDS" of the record in DNS; 0: not seen */
};

/*
 * One line, which is taken to pieces; it has words. The caller releases the
 * entry.
 */
int dkim_table_entry_parse(struct dkim_table_entry *entry_r, char *line,
			   struct error *err_r);
void dkim_table_entry_release(struct dkim_table_entry *entry);

/* Append the line, with its newline. */
void dkim_table_entry_format(struct buffer *out,
			     const struct dkim_table_entry *entry);

/* In the order of the file; no (domain, selector) stands twice. */
struct dkim_table {
	struct dkim_table_entry *entries;
	size_t count;
};

/*
 * Empty lines and lines that start with '#' are skipped. At most one key of a
 * domain and algorithm is active. The error names the line.
 */
int dkim_table_parse(struct dkim_table *table_r, const char *text, size_t len,
		     struct error *err_r);

/* The file; it may not be writable by others. A missing file is an error. */
int dkim_table_load(struct dkim_table *table_r, const char *path,
		    struct error *err_r);

/* Append what dkim_table_parse() takes. */
void dkim_table_format(struct buffer *out, const struct dkim_table *table);

void dkim_table_release(struct dkim_table *table);

/* Without the entries that were released. */
void dkim_table_compact(struct dkim_table *table);

/*
 * The entry, or NULL. Names as in struct dkim_table_entry; entries that were
 * released are passed over.
 */
struct dkim_table_entry *dkim_table_find(const struct dkim_table *table,
					 const char *domain,
					 const char *selector);

/* Lower case, RFC 6376 3.1: labels of letters, digits and inner hyphens. */
int dkim_selector_parse(char **selector_r, const char *text,
			struct error *err_r);

/* Where the entry's key file is, as a path to open; the caller's. */
char *dkim_table_key_path(const char *table_path,
			  const struct dkim_table_entry *entry);

#endif
