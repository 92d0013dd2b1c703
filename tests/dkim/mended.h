#ifndef TESTS_DKIM_MENDED_H
#define TESTS_DKIM_MENDED_H

#include "common/buffer.h"
#include "common/field-list.h"

#include <stdbool.h>
#include <stddef.h>

/* A message as it is after its repair, as the MTA has it and as it is signed.
 */
struct mended {
	struct field_list header;
	struct buffer body;
	bool new_body;
	struct buffer done, at_risk; /* what is logged */
};

/* The body comes to the repair in pieces of so many octets. */
void mended_make(struct mended *mended_r, const char *message, size_t len,
		 bool convert_8bit, size_t piece);
void mended_release(struct mended *mended);

/* As it goes over the wire. */
void mended_wire(struct buffer *out, const struct mended *mended);

#endif
