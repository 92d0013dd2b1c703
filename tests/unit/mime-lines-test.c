#include "tests/unit/test.h"

#include "milter-dkim/mime-lines.h"
#include "milter-dkim/repair-header.h"

#include <string.h>

static void assert_lines(struct mime_lines lines, size_t to_quote, bool is_8bit,
			 bool has_controls)
{
	assert_int_equal(lines.to_quote, to_quote);
	assert_int_equal(lines.is_8bit, is_8bit);
	assert_int_equal(lines.has_controls, has_controls);
}

/* Some are looked at many at a time, and the last ones apart. */
static void an_octet_counts_the_same_wherever_it_stands(void **state)
{
	static const struct {
		char octet;
		size_t to_quote;
		bool is_8bit, has_controls;
	} cases[] = {
		{ 'a', 0, false, false },    { ' ', 0, false, false },
		{ '~', 0, false, false },    { '\t', 0, false, false },
		{ '=', 1, false, false },    { '\x7f', 1, false, false },
		{ '\x1f', 1, false, false }, { '\v', 1, false, false },
		{ '\0', 1, false, true },    { '\r', 1, false, true },
		{ '\n', 1, false, true },    { '\x80', 1, true, false },
		{ '\xff', 1, true, false },
	};
	char text[400];
	size_t i, at, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (len = 1; len <= sizeof(text); len += 19) {
			for (at = 0; at < len; at++) {
				memset(text, 'a', len);
				text[at] = cases[i].octet;
				assert_lines(mime_lines_count(text, len),
					     cases[i].to_quote,
					     cases[i].is_8bit,
					     cases[i].has_controls);
			}
		}
	}
}

static void many_octets_are_all_counted(void **state)
{
	char text[5000];
	size_t len;

	(void)state;
	memset(text, '=', sizeof(text));
	for (len = 0; len <= sizeof(text); len += 7)
		assert_lines(mime_lines_count(text, len), len, false, false);
}

static void only_cr_and_lf_together_are_no_controls(void **state)
{
	static const struct {
		const char *text;
		size_t to_quote;
	} cases[] = {
		{ "", 0 },	   { "\r\n", 0 },     { "a\r\n\r\nb\r\n", 0 },
		{ "a\nb\r\n", 1 }, { "a\rb\r\n", 1 }, { "a\r\r\n", 1 },
		{ "a\n\r\n", 1 },  { "a\r\n\r", 1 },  { "\n", 1 },
		{ "a\n\r", 2 },	   { "\r\n\n\n", 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%zu\n", i);
		assert_lines(
			mime_lines_count(cases[i].text, strlen(cases[i].text)),
			cases[i].to_quote, false, cases[i].to_quote > 0);
	}
}

static void a_line_is_long_without_its_end(void **state)
{
	static const char *const ends[] = { "", "\n", "\r\n", "\r\na\r\n" };
	char text[REPAIR_LINE_MAX + 16];
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		for (len = REPAIR_LINE_MAX - 2; len < REPAIR_LINE_MAX + 3;
		     len++) {
			size_t all = 3 + len + strlen(ends[i]);

			memset(text, 'a', sizeof(text));
			memcpy(text, "a\r\n", 3);
			memcpy(text + 3 + len, ends[i], strlen(ends[i]));
			assert_int_equal(mime_lines_count(text, all).is_long,
					 len > REPAIR_LINE_MAX);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_octet_counts_the_same_wherever_it_stands),
		cmocka_unit_test(many_octets_are_all_counted),
		cmocka_unit_test(only_cr_and_lf_together_are_no_controls),
		cmocka_unit_test(a_line_is_long_without_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
