#ifndef TESTS_DKIM_MESSAGE_H
#define TESTS_DKIM_MESSAGE_H

#include "common/buffer.h"
#include "common/message-header.h"

#include <stdbool.h>
#include <stddef.h>

/* A message for tests, taken apart as Postfix shows it to a milter. */
struct message {
	struct message_header header;
	struct buffer body;
};

/* text: any line ends; CRLF ones come out. */
void message_parse(struct message *message_r, const char *text, size_t len);

/* The same, the line ends of the body left as they are. */
void message_parse_raw(struct message *message_r, const char *text, size_t len);

/* False if the file can't be read. */
bool message_load(struct message *message_r, const char *path);

void message_release(struct message *message);

/* The field as it goes over the wire: name, colon, value, folds as CRLF. */
void message_wire_field(struct buffer *out, const struct policy_field *field);

/*
 * The value of a tag of a DKIM-Signature value, white space taken out; the
 * caller's. Fails the test if there is none.
 */
char *message_tag(const char *value, const char *tag);

#endif
