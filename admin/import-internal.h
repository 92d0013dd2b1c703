#ifndef ADMIN_IMPORT_INTERNAL_H
#define ADMIN_IMPORT_INTERNAL_H

#include "admin/import-format.h"
#include "admin/import.h"
#include "common/buffer.h"

/* What import.c has read, for import-run.c; nobody else includes it. */

struct import_source {
	char *name; /* as it is shown */
	struct buffer text;
};

struct import_entry {
	struct import_line line; /* its texts are in sources or kept */
	size_t source;
	unsigned long number;
};

struct import_refusal {
	size_t source;
	unsigned long number;
	char *reason;
};

struct import {
	struct import_options options;
	struct import_source *sources;
	size_t source_count;
	struct import_entry *entries;
	size_t entry_count, entry_size;
	struct import_refusal *findings;
	size_t finding_count;
	char **kept;
	size_t kept_count;
	size_t done; /* of the entries */
	struct import_counts counts;
};

void import_add_finding(struct import *import, size_t source,
			unsigned long number, const char *reason);

#endif
