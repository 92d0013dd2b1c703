#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input; libFuzzer keeps the one for which it fails. */
#define MUST(claim)                                                            \
	do {                                                                   \
		if (!(claim)) {                                                \
			(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				      __LINE__, #claim);                       \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
