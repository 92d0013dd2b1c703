#ifndef TESTS_BENCH_PEOPLE_H
#define TESTS_BENCH_PEOPLE_H

#include <stddef.h>

/* Who writes: lines "LOGIN ADDRESS" of a file. */
struct person {
	const char *login;
	const char *address;
};

struct people {
	struct person *persons;
	size_t count; /* at least 1 */
	char *text;
};

/* Whatever goes wrong ends the process. */
void people_read(struct people *people_r, const char *path);
void people_release(struct people *people);

#endif
