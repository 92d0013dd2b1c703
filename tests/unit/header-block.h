#ifndef TESTS_UNIT_HEADER_BLOCK_H
#define TESTS_UNIT_HEADER_BLOCK_H

#include "dovecot-sieve-ext/list-recognise.h"

#include <string.h>

/* Gives the fields of a header block, folded lines and all; up to a body. */
static inline void header_block_recognise(struct list_recogniser *recogniser,
					  const char *text, size_t len)
{
	const char *end = text + len;

	list_recognise_init(recogniser);
	while (text < end && *text != '\n' && *text != '\r') {
		const char *next = text, *colon;
		char name[64];

		do {
			const char *line =
				memchr(next, '\n', (size_t)(end - next));

			next = line != NULL ? line + 1 : end;
		} while (next < end && (*next == ' ' || *next == '\t'));
		colon = memchr(text, ':', (size_t)(next - text));
		if (colon != NULL && (size_t)(colon - text) < sizeof(name)) {
			memcpy(name, text, (size_t)(colon - text));
			name[colon - text] = '\0';
			list_recognise_field(recogniser, name, colon + 1,
					     (size_t)(next - colon - 1));
		}
		text = next;
	}
}

#endif
