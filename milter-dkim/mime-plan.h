#ifndef MILTER_DKIM_MIME_PLAN_H
#define MILTER_DKIM_MIME_PLAN_H

#include "milter-dkim/mime-edit.h"
#include "milter-dkim/mime-entity.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What is to be changed in a body so that no line of it is too long and, if
 * that is wanted, no part of it is declared to be 8-bit. Each part says the
 * same octets afterwards.
 */
struct mime_plan {
	struct mime_edit *edits; /* in order */
	size_t count;
	bool relabel; /* the message itself becomes of this encoding */
	enum mime_encoding label;
	/* Why it can't be done, and then there are no edits; else NULL. */
	const char *obstacle;
};

#define MIME_EDITS_MAX 10000
#define MIME_DEPTH_MAX 20

/* message is what the header of the whole says. */
void mime_plan_make(struct mime_plan *plan, const struct mime_entity *message,
		    const char *body, size_t len, bool convert_8bit);
void mime_plan_release(struct mime_plan *plan);

#endif
