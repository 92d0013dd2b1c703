#ifndef TESTS_BENCH_USAGE_H
#define TESTS_BENCH_USAGE_H

#include <stdint.h>
#include <sys/types.h>

/* What another process takes. Whatever goes wrong ends this one. */

/* Processor time of all its threads so far, those that ended too: ns. */
uint64_t usage_cpu(pid_t pid);

/* Resident: its own memory, and what is mapped from files; KiB. */
struct usage_memory {
	long anonymous;
	long file;
};

struct usage_memory usage_memory(pid_t pid);

#endif
