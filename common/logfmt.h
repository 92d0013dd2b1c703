#ifndef COMMON_LOGFMT_H
#define COMMON_LOGFMT_H

#include <stdbool.h>

struct buffer;

/* Longer values are cut, and end in "..." then. */
#define LOGFMT_VALUE_MAX 512

/*
 * Append name=value to a log line of such pairs, after a space if it is not
 * the first. A value that is empty or has white space, '"', '=', '\\' or a
 * control character in it is put in quotes, the former escaped by '\\'.
 */
void logfmt_add(struct buffer *line, const char *name, const char *value);

/*
 * The next pair of such a line, and *line moves on behind it: the name, and
 * the value as it was given to logfmt_add() if it was not cut. False at the
 * line's end, or where it is not of that form. A value that the end of the
 * line cuts off is taken as far as it goes.
 */
bool logfmt_next(const char **line, struct buffer *name, struct buffer *value);

#endif
