#include "tests/unit/test.h"

#include "common/conf.h"
#include "common/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct settings {
	char *socket;
	bool strict;
	unsigned int workers;
	int mode;
	char **networks;
};

static const char *const modes[] = { "enforce", "report", NULL };

static const struct conf_setting table[] = {
	{ .name = "socket",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, socket),
	  .value = "unix:/run/x" },
	{ .name = "strict",
	  .type = CONF_BOOL,
	  .offset = offsetof(struct settings, strict),
	  .value = "no" },
	{ .name = "workers",
	  .type = CONF_UINT,
	  .offset = offsetof(struct settings, workers),
	  .value = "4",
	  .min = 1,
	  .max = 64 },
	{ .name = "mode",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, mode),
	  .value = "enforce",
	  .choices = modes },
	{ .name = "networks",
	  .type = CONF_LIST,
	  .offset = offsetof(struct settings, networks),
	  .value = "" },
	{ .name = "pace", .type = CONF_ELSEWHERE, .value = "other.conf" },
	{ .name = NULL },
};

static int
load(struct settings *settings, const char *text, size_t len, struct error *err)
{
	char path[] = "/tmp/conf-test-XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(close(fd), 0);
	result = conf_load(settings, table, path, err);
	assert_int_equal(unlink(path), 0);
	return result;
}

static void defaults_hold_without_a_file(void **state)
{
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(conf_load(&settings, table, NULL, &err), 0);
	assert_string_equal(settings.socket, "unix:/run/x");
	assert_false(settings.strict);
	assert_int_equal(settings.workers, 4);
	assert_int_equal(settings.mode, 0);
	assert_null(settings.networks[0]);
	conf_release(&settings, table);
}

static void every_type_is_read(void **state)
{
	static const char text[] = "# a comment\n"
				   "\n"
				   "  socket = inet:8891@127.0.0.1  \n"
				   "strict=yes\r\n"
				   "workers = 64\n"
				   "mode = report\n"
				   "networks = 192.0.2.0/24, ::1 10.0.0.0/8";
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(load(&settings, text, strlen(text), &err), 0);
	assert_string_equal(settings.socket, "inet:8891@127.0.0.1");
	assert_true(settings.strict);
	assert_int_equal(settings.workers, 64);
	assert_int_equal(settings.mode, 1);
	assert_string_equal(settings.networks[0], "192.0.2.0/24");
	assert_string_equal(settings.networks[1], "::1");
	assert_string_equal(settings.networks[2], "10.0.0.0/8");
	assert_null(settings.networks[3]);
	conf_release(&settings, table);
}

static void bad_lines_are_refused_with_place_and_reason(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "an unknown name", "\ncolour = red\n",
		  ":2: \"colour\" is not a setting" },
		{ "another program's name", "pace = slow\n",
		  ":1: pace is a setting of other.conf" },
		{ "no equals sign", "socket\n",
		  ":1: \"socket\" is not of the form name = value" },
		{ "a string without value", "socket =\n",
		  ":1: socket has no value" },
		{ "a bool that is neither", "strict = maybe\n",
		  ":1: strict must be yes or no, not \"maybe\"" },
		{ "a number out of range", "workers = 65\n",
		  ":1: workers must be a number from 1 to 64, not \"65\"" },
		{ "a negative number", "workers = -1\n",
		  ":1: workers must be a number from 1 to 64, not \"-1\"" },
		{ "a number with more behind it", "workers = 4x\n",
		  ":1: workers must be a number from 1 to 64, not \"4x\"" },
		{ "an unknown choice", "mode = on\n",
		  ":1: mode must be one of enforce, report, not \"on\"" },
		{ "a setting twice", "workers = 1\nworkers = 2\n",
		  ":2: workers is set a second time" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct settings settings;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(load(&settings, cases[i].text,
				      strlen(cases[i].text), &err),
				 -1);
		assert_non_null(strstr(err.text, cases[i].reason));
		assert_int_equal(err.sysexit, EX_CONFIG);
		assert_null(settings.socket);
	}
}

static void a_nul_is_refused(void **state)
{
	static const char nul[] = "strict = yes\nsocket = a\0b";
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(load(&settings, nul, sizeof(nul) - 1, &err), -1);
	assert_non_null(strstr(err.text, ":2: a NUL stands in the line"));
}

static void a_missing_file_is_an_error(void **state)
{
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(conf_load(&settings, table, "/nonexistent/x", &err),
			 -1);
	assert_string_equal(err.text,
			    "/nonexistent/x: can't be opened: No such file "
			    "or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold_without_a_file),
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(bad_lines_are_refused_with_place_and_reason),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
