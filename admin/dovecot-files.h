#ifndef ADMIN_DOVECOT_FILES_H
#define ADMIN_DOVECOT_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* The files that a Dovecot's configuration is made of, and places in them. */

struct dovecot_place {
	char *path;
	size_t at;
};

struct dovecot_files {
	char **path; /* in the order in which they are read first */
	size_t count;

	/*
	 * Where something would be read right before the first passdb: lines
	 * that include its file, from the outermost on, and its own line.
	 */
	struct dovecot_place *place;
	size_t place_count;
	bool found; /* a passdb */
	size_t reads;
};

/* From the main file on. */
int dovecot_files_find(struct dovecot_files *files_r, const char *path,
		       struct error *err_r);
void dovecot_files_release(struct dovecot_files *files);

/* The one that ends with this; NULL. */
const char *
dovecot_files_named(const struct dovecot_files *files, const char *end);

#endif
