#ifndef COMMON_SPAN_H
#define COMMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* Borrowed text that no NUL ends, and that may have NULs in it. */
struct span {
	const char *at;
	size_t len;
};

bool span_equals(const struct span *text, const char *other);
bool span_starts_with(const struct span *text, const char *start);
bool span_ends_with(const struct span *text, const char *end);

/* Where what is found first, or NULL. */
const char *span_find(const struct span *text, const char *what);

/* From at, which is in text or its end, to its end. */
struct span span_from(const struct span *text, const char *at);

/* Without white space (space, tab, CR, LF) around. */
struct span span_trim(struct span text);

/* The first line without its LF; rest moves on to the next. */
struct span span_take_line(struct span *rest);

/* The first word, "" if there is none; rest moves on to what is behind it. */
struct span span_take_word(struct span *rest);

#endif
