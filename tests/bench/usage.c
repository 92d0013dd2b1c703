#include "tests/bench/usage.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

uint64_t usage_cpu(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) < 0)
		errx(EX_NOINPUT, "process %d has no clock", (int)pid);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

struct usage_memory usage_memory(pid_t pid)
{
	struct usage_memory memory = { .anonymous = -1 };
	long resident = -1;
	char path[64], line[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		err(EX_NOINPUT, "%s", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "Rss:", 4) == 0)
			resident = strtol(line + 4, NULL, 10);
		else if (strncmp(line, "Anonymous:", 10) == 0)
			memory.anonymous = strtol(line + 10, NULL, 10);
	}
	(void)fclose(file);
	if (resident < 0 || memory.anonymous < 0)
		errx(EX_DATAERR, "%s: no Rss or Anonymous", path);
	memory.file = resident - memory.anonymous;
	return memory;
}
