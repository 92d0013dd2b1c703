#ifndef COMMON_LOG_RECORD_H
#define COMMON_LOG_RECORD_H

#include <stddef.h>

struct buffer;

#define LOG_RECORD_MAX 24

/*
 * What is logged of one thing: pairs, whose strings are borrowed until it is
 * logged. Names are of lower-case letters and '_'. LOG_RECORD_INIT is an empty
 * one.
 */
struct log_record {
	struct log_pair {
		const char *name;
		const char *value;
	} pairs[LOG_RECORD_MAX];
	size_t count;
};

#define LOG_RECORD_INIT                                                        \
	{                                                                      \
		.count = 0                                                     \
	}

void log_record_add(struct log_record *record, const char *name,
		    const char *value);

/* The same where the value is neither NULL nor "". */
void log_record_add_if_any(struct log_record *record, const char *name,
			   const char *value);

/* As a line of logfmt, without newline. */
void log_record_format(const struct log_record *record, struct buffer *line);

#endif
