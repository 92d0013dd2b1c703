#ifndef ADMIN_IMPORT_FORMAT_H
#define ADMIN_IMPORT_FORMAT_H

#include "admin/record.h"

#include <stddef.h>

struct error;

/* What a line of a file means, apart from the directory it is put into. */
enum import_means {
	IMPORT_OBJECT, /* that object */

	/*
	 * An address, and where its mail goes: field 1 is an account, or an
	 * address that is an account's.
	 */
	IMPORT_ALIAS,

	/*
	 * An address, and who may write as it: field 1 likewise. Field 2 is not
	 * empty if others may too.
	 */
	IMPORT_SENDER,
};

struct import_line {
	enum import_means means;
	struct record record;
};

/* Who is given what is read. */
struct import_sink {
	/* Texts are in the file's, or kept before. */
	void (*line)(void *context, unsigned long number,
		     const struct import_line *line);
	void (*finding)(void *context, unsigned long number,
			const char *reason);
	void (*keep)(void *context, char *text); /* the sink's from now on */
	void *context;
	const char
		*scheme; /* of hashes without one in a passwd-file; or NULL */
};

struct import_format {
	const char *name;

	/* text: changed in place; a NUL behind its len octets. */
	void (*read)(const struct import_sink *sink, char *text, size_t len);
};

/*
 * "FORMAT:FILE", or FILE for a text of the directory. *file_r is borrowed. A
 * word before a colon that is no format is an error (EX_USAGE), not a file's.
 */
int import_format_find(const struct import_format **format_r,
		       const char **file_r, const char *argument,
		       struct error *err_r);

#endif
