#ifndef TESTS_UNIT_CONF_LINES_H
#define TESTS_UNIT_CONF_LINES_H

#include "tests/unit/must.h"

#include "common/conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The settings that a file of these lines makes. */
static void conf_load_lines(void *settings, const struct conf_setting *table,
			    const char *lines)
{
	char path[] = "/tmp/conf-lines-XXXXXX";
	int fd = mkstemp(path);
	struct error err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, lines, strlen(lines)),
			 (ssize_t)strlen(lines));
	assert_int_equal(close(fd), 0);
	must(conf_load(settings, table, path, &err), &err);
	assert_int_equal(unlink(path), 0);
}

#endif
