#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/logfmt.h"

#include <stdbool.h>
#include <string.h>

static void values_are_quoted_only_where_they_need_it(void **state)
{
	static const struct {
		const char *value;
		const char *line;
	} cases[] = {
		{ "anna@example.org", "a=1 x=anna@example.org" },
		{ "<a>,b;%{}", "a=1 x=<a>,b;%{}" },
		{ "j\xc3\xbcrgen", "a=1 x=j\xc3\xbcrgen" },
		{ "", "a=1 x=\"\"" },
		{ "two words", "a=1 x=\"two words\"" },
		{ "a=b", "a=1 x=\"a=b\"" },
		{ "say \"hi\"", "a=1 x=\"say \\\"hi\\\"\"" },
		{ "a\" verdict=pass", "a=1 x=\"a\\\" verdict=pass\"" },
		{ "back\\slash", "a=1 x=\"back\\\\slash\"" },
		{ "tab\there", "a=1 x=\"tab\there\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer line = BUFFER_INIT;

		logfmt_add(&line, "a", "1");
		logfmt_add(&line, "x", cases[i].value);
		assert_string_equal(buffer_string(&line), cases[i].line);
		buffer_release(&line);
	}
}

static void a_long_value_is_cut_between_characters(void **state)
{
	char value[LOGFMT_VALUE_MAX + 3];
	struct buffer line = BUFFER_INIT;

	(void)state;
	memset(value, 'x', sizeof(value));
	memcpy(value + LOGFMT_VALUE_MAX - 1, "\xe5\xb1\xb1", 4);
	logfmt_add(&line, "a", value);
	assert_int_equal(line.len, 2 + LOGFMT_VALUE_MAX - 1 + 3);
	assert_string_equal(line.data + line.len - 4, "x...");
	buffer_clear(&line);

	value[LOGFMT_VALUE_MAX] = '\0';
	value[LOGFMT_VALUE_MAX - 1] = 'y';
	logfmt_add(&line, "a", value);
	assert_int_equal(line.len, 2 + LOGFMT_VALUE_MAX);
	assert_int_equal(line.data[line.len - 1], 'y');
	buffer_release(&line);
}

static void what_was_added_is_read_again(void **state)
{
	static const char *const values[] = {
		"anna@example.org",
		"",
		" ",
		"a b",
		"a=b",
		"\"",
		"\\",
		"\\\"",
		"a\" verdict=pass b=\"",
		"x\\",
		"<a>,b;%{}",
		"tab\there",
		"j\xc3\xbcrgen",
	};
	struct buffer line = BUFFER_INIT, name = BUFFER_INIT,
		      value = BUFFER_INIT;
	const char *at;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++)
		logfmt_add(&line, i % 2 ? "other_name" : "a", values[i]);
	at = buffer_string(&line);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		assert_true(logfmt_next(&at, &name, &value));
		assert_string_equal(buffer_string(&name),
				    i % 2 ? "other_name" : "a");
		assert_string_equal(buffer_string(&value), values[i]);
	}
	assert_false(logfmt_next(&at, &name, &value));
	assert_string_equal(at, "");
	buffer_release(&line);
	buffer_release(&name);
	buffer_release(&value);
}

static void what_is_no_pair_ends_a_line(void **state)
{
	static const struct {
		const char *line;
		const char *value; /* of the first pair; NULL: there is none */
		bool more;
	} cases[] = {
		{ "a=1 b=2", "1", true },	 { "  a=1  b=2 ", "1", true },
		{ "a=1 2", "1", false },	 { "a=", "", false },
		{ "a= b=2", "", true },		 { "a=\"1\" b=2", "1", true },
		{ "a=\"1 b=2", "1 b=2", false }, { "a=\"1\\", "1\\", false },
		{ "a=\"1\\\"", "1\"", false },	 { "", NULL, false },
		{ "text", NULL, false },	 { "=1", NULL, false },
		{ "A=1", NULL, false },		 { "a=b=c", NULL, false },
		{ "a=b\"c", NULL, false },	 { "a=\"1\"2", NULL, false },
		{ "a=b\\c", NULL, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer name = BUFFER_INIT, value = BUFFER_INIT;
		const char *at = cases[i].line;
		bool found = logfmt_next(&at, &name, &value);

		if (found != (cases[i].value != NULL))
			fail_msg("%s", cases[i].line);
		if (found) {
			assert_string_equal(buffer_string(&name), "a");
			assert_string_equal(buffer_string(&value),
					    cases[i].value);
			assert_int_equal(logfmt_next(&at, &name, &value),
					 cases[i].more);
		}
		buffer_release(&name);
		buffer_release(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_quoted_only_where_they_need_it),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(what_was_added_is_read_again),
		cmocka_unit_test(what_is_no_pair_ends_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
