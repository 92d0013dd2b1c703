#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/logfmt.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_quoted_only_where_they_need_it),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
