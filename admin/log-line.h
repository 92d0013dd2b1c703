#ifndef ADMIN_LOG_LINE_H
#define ADMIN_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* What lines of a log have in common that programs of ours wrote. */

/*
 * What a program wrote, behind the tag of a line as syslog has it: "TAG: ",
 * "TAG[PID]: " or Dovecot's "TAG(PID): ", with time and host before it. NULL
 * if it is another program's. The first ": " ends the tag, and whatever users
 * can write stands behind it in every program's lines, or else in "()" or "<>"
 * (Dovecot's tags).
 */
const char *log_line_behind(const char *line, const char *tag);

/* Is that how it begins? Then *text moves on behind it. */
bool log_line_skip(const char **text, const char *start);

/* A "char *" of a struct that a pair of that name fills. */
struct log_member {
	const char *name; /* NULL ends a table */
	size_t offset;
};

/*
 * Fill every member from the pairs (common/logfmt.h) of a text, "" where there
 * is none. The first of a name counts: what a user may write stands further
 * behind.
 */
void log_members_read(void *record, const struct log_member *members,
		      const char *text);
void log_members_release(void *record, const struct log_member *members);

#endif
