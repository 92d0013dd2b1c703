#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include "admin/record.h"

#include <stdbool.h>
#include <stddef.h>

struct error;
struct master;

/*
 * Objects from files into the directory: first all files are read, then what
 * they say is put into the master, what others refer to first, so that lines
 * and files may come in any order. A line that can't be taken is a finding.
 */
struct import;

/*
 * scheme: of password hashes that do not say, or NULL. progress, if not NULL,
 * is told now and then how many lines of how many are done.
 */
struct import_options {
	const char *scheme;
	void (*progress)(size_t done, size_t all);
};

struct import *import_new(const struct import_options *options);
void import_free(struct import **import);

/* "FILE" or "FORMAT:FILE", "-" for standard input. -1: it can't be read. */
int import_read(struct import *import, const char *argument,
		struct error *err_r);

/*
 * Between master_begin() and master_commit(). An object that is there already,
 * and just so, is left as it is. -1: the directory fails; nothing may be
 * committed then, nor while there are findings.
 */
int import_apply(struct import *import, struct master *master,
		 struct error *err_r);

struct import_finding {
	const char *file;
	unsigned long line;
	const char *reason;
};

size_t import_finding_count(const struct import *import);

/* In the order of files and lines. */
struct import_finding import_finding(const struct import *import, size_t index);

struct import_counts {
	long long added[RECORD_KIND_COUNT];
	long long unchanged;
};

struct import_counts import_counts(const struct import *import);

#endif
