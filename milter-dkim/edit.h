#ifndef MILTER_DKIM_EDIT_H
#define MILTER_DKIM_EDIT_H

#include <stddef.h>

/*
 * Changes of a message in the MTA, at the end of the message. Each returns 0,
 * or -1 if the MTA did not take it. Values have their leading space, and folds
 * as LF and white space.
 */
struct edit_ops {
	/* Put a field at this place from the top. */
	int (*insert)(void *context, int place, const char *name,
		      const char *value);
	/* Put a field below all others. */
	int (*append)(void *context, const char *name, const char *value);
	/* Change the field that is the so manieth of its name, from 1. */
	int (*change)(void *context, const char *name, int instance,
		      const char *value);
	/* A piece of the new body: all of them before any change of a field. */
	int (*body)(void *context, unsigned char *data, size_t len);
};

/* By libmilter; the context is its SMFICTX. */
extern const struct edit_ops edit_milter;

#endif
