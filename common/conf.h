#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stddef.h>

struct error;

/*
 * Configuration files: "name = value" lines; '#' at the start of a line is a
 * comment; surrounding white space is dropped; a setting may stand once. An
 * unknown name or a bad value is an error that says file, line and why.
 */
enum conf_type {
	CONF_STRING, /* char *, never NULL; "" only if the default is "" */
	CONF_BOOL,   /* bool; yes or no */
	CONF_UINT,   /* unsigned int, min..max */
	CONF_CHOICE, /* int, index into choices */
	CONF_LIST,   /* char **, NULL-ended; words between commas or spaces */

	/* Of another program, whose file value names; an error here. */
	CONF_ELSEWHERE,
};

struct conf_setting {
	const char *name;
	enum conf_type type;
	size_t offset;		    /* of the member in the settings struct */
	const char *value;	    /* the default, as it would be written */
	unsigned int min, max;	    /* CONF_UINT */
	const char *const *choices; /* CONF_CHOICE, NULL-ended */
};

/*
 * Fill *settings from the table's defaults and from the file; path NULL means
 * the defaults alone. The table ends with a NULL name. On error nothing is
 * left to release.
 */
int conf_load(void *settings, const struct conf_setting *table,
	      const char *path, struct error *err_r);

/*
 * The same for a part of a program's settings: what the table does not have is
 * passed over, for the program itself complains of what is no setting.
 */
int conf_load_known(void *settings, const struct conf_setting *table,
		    const char *path, struct error *err_r);

/* Free what conf_load() allocated and clear it. */
void conf_release(void *settings, const struct conf_setting *table);

#endif
