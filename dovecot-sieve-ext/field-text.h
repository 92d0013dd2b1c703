#ifndef DOVECOT_SIEVE_EXT_FIELD_TEXT_H
#define DOVECOT_SIEVE_EXT_FIELD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a header field's value; any octets, not ended by NUL. Borrowed. */
struct span {
	const char *text;
	size_t len;
};

struct span span_of(const char *text);

/* Without white space around it, line ends of a folded field among it. */
struct span span_trim(struct span span);

/* Without its first count octets, of which it has as many. */
struct span span_skip(struct span span, size_t count);

/* Compared without case, in ASCII. */
bool span_equals(struct span span, const char *word);
bool span_starts_with(struct span span, const char *prefix);

/* Up to the first of the characters in stops; *rest is what follows it. */
struct span span_cut(struct span *rest, const char *stops);

/*
 * Walks over "<...>" outside of quoted strings and comments; counts the words
 * that stand outside of all three, and keeps the last.
 */
struct brackets {
	struct span rest;
	bool no_quote, no_comment; /* a further one would not end either */
	struct span word;
	size_t words;
};

/* False at the end: word and words are of the whole value then. */
bool brackets_next(struct brackets *brackets, struct span *inside_r);

#endif
