#ifndef TESTS_UNIT_CONF_LINES_H
#define TESTS_UNIT_CONF_LINES_H

#include "tests/unit/must.h"

#include "common/conf.h"
#include "common/error.h"

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

struct conf_complaint {
	const char *lines;
	const char *complaint;
};

/* Such lines are refused as a bad configuration, and told why. */
static void
conf_must_complain(const struct conf_complaint *cases, size_t count,
		   int (*load)(const char *lines, struct error *err_r))
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct error err = { .text = "" };

		if (load(cases[i].lines, &err) >= 0 ||
		    err.sysexit != EX_CONFIG ||
		    strstr(err.text, cases[i].complaint) == NULL)
			fail_msg("%s: %s", cases[i].lines, err.text);
	}
}

#endif
