#ifndef MILTER_DKIM_MIME_EDIT_H
#define MILTER_DKIM_MIME_EDIT_H

#include "milter-dkim/mime-entity.h"

#include <stdbool.h>
#include <stddef.h>

/* A body whose parts become otherwise encoded. */

enum mime_change {
	MIME_LABEL, /* the Content-Transfer-Encoding of a part */
	MIME_FOLD,  /* a field of a part's header */
	MIME_TO_QUOTED,
	MIME_TO_BASE64,
	MIME_WRAP_QUOTED,
	MIME_WRAP_BASE64,
};
#define MIME_CHANGE_COUNT 6

/* In place of these octets. */
struct mime_edit {
	enum mime_change change;
	size_t begin, end;
	enum mime_encoding label; /* of MIME_LABEL */
};

/* Not so is the wrapping of what is not well encoded. */
bool mime_edit_is_possible(const struct mime_edit *edit, const char *body);

/* Returns 0, or -1 to end it. */
typedef int mime_sink(void *context, const char *data, size_t len);

/*
 * The changed body to the sink, in pieces; -1 if that has ended it. The edits
 * are in order, apart, and possible.
 */
int mime_edits_apply(const struct mime_edit *edits, size_t count,
		     const char *body, size_t len, mime_sink *sink,
		     void *context);

#endif
