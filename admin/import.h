#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include "admin/record.h"

#include <stdbool.h>
#include <stddef.h>

struct error;
struct master;

/*
 * Objects from files into the directory: first all files are read, then what
 * they say is put into the master in the order of the kinds, so that lines and
 * files may come in any order. A line that can't be taken is a finding.
 */
struct import;

#define IMPORT_FILE_MAX (512UL << 20) /* octets */

struct import *import_new(void);
void import_free(struct import **import);

/* A file, or "-" for standard input. -1: it can't be read. */
int import_read(struct import *import, const char *name, struct error *err_r);

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
