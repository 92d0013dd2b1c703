#ifndef MILTER_DKIM_HEADER_CHOICE_H
#define MILTER_DKIM_HEADER_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

struct policy_field;

/*
 * One name of h=. field is the instance that it stands for, NULL if the name
 * is listed once more than the message has it, so that another one added
 * later breaks the signature (RFC 6376 8.15).
 */
struct header_choice {
	const char *name;
	const struct policy_field *field;
};

/*
 * Which fields are signed: what the author and the reader see, threading and
 * MIME. Never Sender, Resent-*, List-* and Received, which those who pass the
 * message on add rightfully. Of one name the last instance comes first (RFC
 * 6376 5.4.2). Returns how many there are; only max of them are stored.
 *
 * All of these are listed once more than they are there, but for the less
 * common Content-*. RFC 5322 3.6 allows each of them once, nobody who passes a
 * message on has cause to add one, and one put above or in the place of a
 * missing one is shown instead (RFC 6376 5.4, 8.15): another author or
 * subject, another address that answers go to, a strange conversation that
 * the message joins, a Content-Type that hides the text. A list that sets
 * Reply-To breaks the signature, as it does by a footer. The other Content-*
 * change nothing of how the message is shown.
 */
size_t header_choose(struct header_choice *choices, size_t max,
		     const struct policy_field *fields, size_t count);

/* Can a field of this name be signed at all? The others need not be kept. */
bool header_is_chosen(const char *name);

#endif
