#include "tests/unit/test.h"

#include "admin/output.h"
#include "common/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char *const one_column[] = { "name", NULL };

/* What is written for a table of one row and one value. */
static char *written(const char *value, bool json)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	struct output *out = output_new(file, json);
	struct error err;

	assert_non_null(file);
	output_table(out, one_column);
	output_string(out, value);
	assert_int_equal(output_end(out, &err), 0);
	output_free(&out);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void strings_are_escaped(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		const char *json;
		const char *text;
	} cases[] = {
		{ "plain", "anna", "\"anna\"", "anna" },
		{ "no value", NULL, "null", "-" },
		{ "empty", "", "\"\"", "-" },
		{ "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"",
		  "a\"b\\c" },
		{ "newline", "a\nb", "\"a\\nb\"", "a?b" },
		{ "escape of a terminal", "\033[2J", "\"\\u001b[2J\"", "?[2J" },
		{ "DEL", "a\177", "\"a\\u007f\"", "a?" },
		{ "a C1 control", "a\xc2\x9b", "\"a\\u009b\"", "a?" },
		{ "letters beyond ASCII", "j\xc3\xbcrgen", "\"j\xc3\xbcrgen\"",
		  "j\xc3\xbcrgen" },
		{ "right-to-left override",
		  "a\xe2\x80\xae"
		  "b",
		  "\"a\\u202eb\"", "a?b" },
		{ "a line separator", "a\xe2\x80\xa8", "\"a\\u2028\"", "a?" },
		{ "a tag beyond the first plane", "a\xf3\xa0\x81\x81",
		  "\"a\\udb40\\udc41\"", "a?" },
		{ "not UTF-8",
		  "a\xff"
		  "b",
		  "\"a\xef\xbf\xbd"
		  "b\"",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "a cut sequence", "a\xe2\x80",
		  "\"a\xef\xbf\xbd\xef\xbf\xbd\"",
		  "a\xef\xbf\xbd\xef\xbf\xbd" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char expected[128], *text;

		print_message("%s\n", cases[i].name);
		(void)snprintf(expected, sizeof(expected), "[{\"name\": %s}]\n",
			       cases[i].json);
		text = written(cases[i].value, true);
		assert_string_equal(text, expected);
		free(text);
		(void)snprintf(expected, sizeof(expected), "NAME\n%s\n",
			       cases[i].text);
		text = written(cases[i].value, false);
		assert_string_equal(text, expected);
		free(text);
	}
}

static const char *const columns[] = { "name",	"no_preauth", "count",
				       "until", "groups",     NULL };

static void put_row(struct output *out, const char *name, bool flag,
		    time_t until, const char *const *groups)
{
	output_string(out, name);
	output_bool(out, flag);
	output_number(out, -12);
	output_time(out, until);
	output_list(out);
	for (; *groups != NULL; groups++)
		output_string(out, *groups);
	output_list_end(out);
}

static void assert_writes(bool json, bool record, const char *expected)
{
	static const char *const none[] = { NULL };
	static const char *const two[] = { "a", "b", NULL };
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	struct output *out = output_new(file, json);
	struct error err;

	assert_non_null(file);
	if (record)
		output_record(out, columns);
	else
		output_table(out, columns);
	put_row(out, "j\xc3\xbcrgen", true, 1800000000, two);
	if (!record)
		put_row(out, "x", false, 0, none);
	assert_int_equal(output_end(out, &err), 0);
	output_free(&out);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void a_table_is_aligned_by_what_is_seen(void **state)
{
	(void)state;
	assert_writes(false, false,
		      "NAME    NO PREAUTH  COUNT  UNTIL                 "
		      "GROUPS\n"
		      "j\xc3\xbcrgen  yes         -12    2027-01-15T08:00:00Z  "
		      "a, b\n"
		      "x       no          -12    -                     -\n");
}

static void a_table_is_an_array_of_objects(void **state)
{
	(void)state;
	assert_writes(true, false,
		      "[{\"name\": \"j\xc3\xbcrgen\", \"no_preauth\": true, "
		      "\"count\": -12, \"until\": \"2027-01-15T08:00:00Z\", "
		      "\"groups\": [\"a\", \"b\"]},\n"
		      " {\"name\": \"x\", \"no_preauth\": false, "
		      "\"count\": -12, \"until\": null, \"groups\": []}]\n");
}

static void a_record_is_one_line_a_value(void **state)
{
	(void)state;
	assert_writes(false, true,
		      "name        j\xc3\xbcrgen\n"
		      "no preauth  yes\n"
		      "count       -12\n"
		      "until       2027-01-15T08:00:00Z\n"
		      "groups      a, b\n");
}

static void a_record_is_one_object(void **state)
{
	(void)state;
	assert_writes(true, true,
		      "{\"name\": \"j\xc3\xbcrgen\", \"no_preauth\": true, "
		      "\"count\": -12, \"until\": \"2027-01-15T08:00:00Z\", "
		      "\"groups\": [\"a\", \"b\"]}\n");
}

static void an_empty_table_is_nothing_and_in_json_an_empty_array(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *file = open_memstream(&text, &size);
		struct output *out = output_new(file, i == 1);
		struct error err;

		assert_non_null(file);
		output_table(out, columns);
		assert_int_equal(output_end(out, &err), 0);
		output_free(&out);
		assert_int_equal(fclose(file), 0);
		assert_string_equal(text, i == 1 ? "[]\n" : "");
		free(text);
	}
}

static void a_full_disk_is_an_error(void **state)
{
	FILE *file = fopen("/dev/full", "w");
	struct output *out = output_new(file, false);
	struct error err;

	(void)state;
	assert_non_null(file);
	output_table(out, one_column);
	output_string(out, "anna");
	assert_int_equal(output_end(out, &err), -1);
	assert_int_equal(err.sysexit, EX_IOERR);
	assert_string_equal(err.text, "standard output: can't be written: "
				      "No space left on device");
	output_free(&out);
	(void)fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(a_table_is_aligned_by_what_is_seen),
		cmocka_unit_test(a_table_is_an_array_of_objects),
		cmocka_unit_test(a_record_is_one_line_a_value),
		cmocka_unit_test(a_record_is_one_object),
		cmocka_unit_test(
			an_empty_table_is_nothing_and_in_json_an_empty_array),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
