#include "tests/fuzz/fuzz.h"

#include "admin/key-attempt.h"
#include "common/buffer.h"
#include "common/mem.h"
#include "common/spool.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST "the last one"

struct taken {
	bool last;
	size_t count;
};

static void take(void *context, const char *text)
{
	struct taken *taken = context;
	struct key_attempt attempt;

	MUST(strchr(text, '\n') == NULL && strlen(text) <= SPOOL_LINE_MAX);
	if (key_attempt_parse_pairs(&attempt, text)) {
		MUST(strlen(attempt.time) == strlen("2026-11-22T01:02:03Z"));
		key_attempt_release(&attempt);
	}
	taken->last = strcmp(text, LAST) == 0;
	taken->count++;
}

static char *make_file(const uint8_t *data, size_t size)
{
	char *path = mem_strdup("/tmp/spool-fuzz-XXXXXX");
	int fd = mkstemp(path);

	MUST(fd >= 0);
	MUST(write(fd, data, size) == (ssize_t)size);
	(void)close(fd);
	return path;
}

/* The input as what a spool has, whoever damaged it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = make_file(data, size);
	struct spool_place place = { 0 }, all;
	struct taken taken = { .count = 0 };
	int fd;

	MUST(spool_open(&fd, path, NULL) == 0);
	MUST(spool_append(fd, LAST, SPOOL_OCTETS_MAX, NULL) == 0);
	MUST(spool_read(path, &place, take, &taken, NULL) == 1);
	MUST(taken.last);
	all = place;
	taken.count = 0;
	MUST(spool_read(path, &place, take, &taken, NULL) == 1);
	MUST(taken.count == 0 && place.offset == all.offset);
	MUST(spool_clear(path, &place, NULL) == 0);
	MUST(spool_append(fd, LAST, SPOOL_OCTETS_MAX, NULL) == 0);
	MUST(spool_read(path, &place, take, &taken, NULL) == 1);
	MUST(taken.count == 1 && taken.last);
	(void)close(fd);
	MUST(unlink(path) == 0);
	mem_free_string(&path);
	return 0;
}
