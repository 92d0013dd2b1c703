#ifndef TESTS_DKIM_COMPARE_H
#define TESTS_DKIM_COMPARE_H

#include "tests/dkim/opendkim.h"

#include <stddef.h>
#include <stdio.h>

struct message;
struct opendkim;
struct test_keys;

/* Our signatures beside libopendkim's. */
struct compare {
	const struct test_keys *keys;
	struct opendkim *opendkim;
	FILE *undecided; /* what is left to dkimpy: see compare.c */
	unsigned int seed;
	size_t messages;
	size_t signatures;
	size_t cuts; /* bodies cut in two that came out as in one */
	size_t faults[OPENDKIM_FAULT_COUNT]; /* signatures by what it knows */
};

/*
 * Signs with both algorithms in all four canonicalisations, the body in
 * pieces. A signature must be libopendkim's, octet for octet, over the text of
 * its DKIM-Signature, and ours must verify there; where libopendkim is known
 * to be wrong the signature is left to dkimpy.
 */
void compare_message(struct compare *compare, const struct message *message);

#endif
