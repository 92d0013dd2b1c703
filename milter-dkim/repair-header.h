#ifndef MILTER_DKIM_REPAIR_HEADER_H
#define MILTER_DKIM_REPAIR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct buffer;

/* RFC 5322 2.1.1: more octets no line may have, and Postfix sends none. */
#define REPAIR_LINE_MAX 998

/*
 * Where Postfix has milters, it cuts a field after so many octets, whatever
 * header_size_limit says: what a milter sees, and what a milter changes.
 */
#define REPAIR_FIELD_MAX 60000

/* Of DKIM, made by whoever has sent the message before. */
bool repair_is_signature(const char *name, size_t name_len);

/*
 * Has the field, as "NAME:VALUE" with folds, a line that is too long? Only a
 * line is looked at, whatever it says.
 */
bool repair_is_long(const char *name, const char *value, size_t value_len);

/*
 * The value with each line that is too long folded, before white space where
 * there is some, to at most 78 octets where that can be; where there is none
 * within 998, a space is put in, as Postfix would. Other lines stay as they
 * are. False if the lines in the end that would be over REPAIR_FIELD_MAX are
 * left off, as Postfix would do.
 */
bool repair_fold(struct buffer *out, const char *name, const char *value,
		 size_t value_len);

/* Values for fields that are missing, with their leading space. */
void repair_date(struct buffer *out, time_t now);

/* 128 random bits at the host (or a domain); -1 if there are none. */
int repair_message_id(struct buffer *out, const char *host);

#endif
