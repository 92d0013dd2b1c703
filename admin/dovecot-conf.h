#ifndef ADMIN_DOVECOT_CONF_H
#define ADMIN_DOVECOT_CONF_H

#include "common/span.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Dovecot's configuration as text, of 2.3 and 2.4: files as people write them,
 * and what doveconf(1) prints. Strings returned are the caller's.
 */

/* What stands at the top level and has to do with where a passdb stands. */
enum dovecot_statement_kind {
	DOVECOT_INCLUDE, /* !include or !include_try */
	DOVECOT_PASSDB,
};

struct dovecot_statement {
	enum dovecot_statement_kind kind;
	struct span path; /* of an include */
	size_t start;	  /* of its line */
};

/* The next one from at on, with depth 0 to begin with; false at the end. */
bool dovecot_conf_next(struct dovecot_statement *statement_r, const char *text,
		       size_t *at, int *depth);

/* line: without its end. At the end of a text it ends as that did. */
char *dovecot_conf_with_line(const char *text, size_t at, const char *line);

/* Without every line that includes this: as it was before it was put in. */
char *dovecot_conf_without_include(const char *text, const char *path);

/* What follows is for what doveconf -n prints. */

/*
 * The words of a setting, wherever it stands first: "a b" of "name = a b", and
 * of "name {" with lines "a = yes" and "b = yes". NULL: it is not there.
 */
char *dovecot_conf_words(const char *conf, const char *name);

/* Is word one of words, which may be NULL? */
bool dovecot_conf_has_word(const char *words, const char *word);

/*
 * A line of before that after does not have, but for comments and for settings
 * with a name that begins with one of names; NULL if there is none.
 */
char *dovecot_conf_lost(const char *before, const char *after,
			const char *const *names);

/* A setting in the first section with that head; NULL: not there. */
char *
dovecot_conf_in_section(const char *conf, const char *head, const char *name);

/* The driver of the next passdb or userdb from at on; NULL at the end. */
char *dovecot_conf_next_driver(const char *conf, const char *kind, size_t *at);

#endif
