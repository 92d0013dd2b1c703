#include "tests/unit/test.h"

#include "common/smtp-text.h"

#include <string.h>

static void a_reply_is_one_line_of_printable_ascii(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reply;
	} cases[] = {
		{ "ASCII stays", "may not write as <a%b@example.org>",
		  "may not write as <a%b@example.org>" },
		{ "nothing stays nothing", "", "" },
		{ "two octets of UTF-8", "j\xc3\xbcrgen", "j\\x{FC}rgen" },
		{ "three octets", "\xe5\xb1\xb1", "\\x{5C71}" },
		{ "four octets", "\xf0\x9f\x93\xa7", "\\x{1F4E7}" },
		{ "a line break cannot start another line",
		  "a\r\n250 2.0.0 queued", "a??250 2.0.0 queued" },
		{ "DEL and escape", "\x7f\x1b[2J", "??[2J" },
		{ "an octet that is not UTF-8",
		  "a\xff"
		  "b",
		  "a\\x{FF}b" },
		{ "a sequence cut short", "\xe5\xb1", "\\x{E5}\\x{B1}" },
		{ "an overlong slash", "\xc0\xaf", "\\x{C0}\\x{AF}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char reply[80];

		print_message("%s\n", cases[i].name);
		smtp_text(reply, sizeof(reply), cases[i].text);
		assert_string_equal(reply, cases[i].reply);
	}
}

static void what_does_not_fit_ends_in_dots(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *reply;
	} cases[] = {
		{ "12345678", 9, "12345678" },
		{ "12345678", 8, "1234..." },
		{ "1", 4, "1" },
		{ "1234", 4, "..." },
		{ "123456\xc3\xbc", 12, "123456..." },
		{ "123456\xc3\xbc", 13, "123456\\x{FC}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char reply[32];

		memset(reply, '#', sizeof(reply));
		smtp_text(reply, cases[i].size, cases[i].text);
		assert_string_equal(reply, cases[i].reply);
		assert_int_equal(reply[cases[i].size], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_one_line_of_printable_ascii),
		cmocka_unit_test(what_does_not_fit_ends_in_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
