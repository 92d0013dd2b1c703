#ifndef COMMON_MESSAGE_HEADER_H
#define COMMON_MESSAGE_HEADER_H

#include "common/policy.h"

#include <stddef.h>

/*
 * The header of a whole message as Postfix hands it to a milter, so that a
 * message has the same verdict from a file as through smtpd(8): lines end in
 * LF, with CRs before it or not; the header ends at the first line that is
 * neither a field nor a fold. Values have their folds as LF and WSP, their
 * stray CRs as spaces, and end where a line has a NUL.
 */
struct message_header {
	struct policy_field *fields; /* in order */
	size_t count;
	char *storage;
};

/* Any octets are a message. Allocates about len octets. */
void message_header_split(struct message_header *header_r, const char *message,
			  size_t len);
void message_header_release(struct message_header *header);

#endif
