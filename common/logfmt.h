#ifndef COMMON_LOGFMT_H
#define COMMON_LOGFMT_H

struct buffer;

/* Longer values are cut, and end in "..." then. */
#define LOGFMT_VALUE_MAX 512

/*
 * Append name=value to a log line of such pairs, after a space if it is not
 * the first. A value that is empty or has white space, '"', '=', '\\' or a
 * control character in it is put in quotes, the former escaped by '\\'.
 */
void logfmt_add(struct buffer *line, const char *name, const char *value);

#endif
