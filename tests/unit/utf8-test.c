#include "tests/unit/test.h"

#include "common/error.h"
#include "common/unicode.h"
#include "common/utf8.h"

#include <stdio.h>
#include <string.h>

static void what_is_printed_is_one_honest_line(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *printed;
	} cases[] = {
		{ "nothing stays nothing", "", "" },
		{ "text in any script stays", "j\xc3\xbcrgen \xe5\xb1\xb1",
		  "j\xc3\xbcrgen \xe5\xb1\xb1" },
		{ "a character beyond the first plane stays",
		  "\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7" },
		{ "a line break", "a\r\nb", "a??b" },
		{ "an escape sequence", "\x1b[2Ja", "?[2Ja" },
		{ "an escape sequence of C1 characters",
		  "\xc2\x9b"
		  "2Ja",
		  "?2Ja" },
		{ "a C1 octet alone",
		  "\x9b"
		  "2Ja",
		  "?2Ja" },
		{ "a line separator", "a\xe2\x80\xa8z", "a?z" },
		{ "a bidi override", "a\xe2\x80\xaez", "a?z" },
		{ "Latin-1", "j\xfcrgen", "j?rgen" },
		{ "an overlong line break", "\xc0\x8a", "??" },
		{ "an overlong escape in three octets", "\xe0\x80\x9b", "???" },
		{ "a surrogate", "\xed\xa0\x80", "???" },
		{ "beyond Unicode", "\xf4\x90\x80\x80", "????" },
		{ "cut inside a character", "a\xe5\xb1", "a??" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];

		print_message("%s\n", cases[i].name);
		(void)snprintf(text, sizeof(text), "%s", cases[i].text);
		utf8_make_printable(text);
		assert_string_equal(text, cases[i].printed);
	}
}

static size_t encode(char text_r[5], unsigned int code)
{
	size_t len = code < 0x80      ? 1
		     : code < 0x800   ? 2
		     : code < 0x10000 ? 3
				      : 4;
	size_t i;

	for (i = len; i-- > 1; code >>= 6)
		text_r[i] = (char)(0x80 | (code & 0x3f));
	text_r[0] = (char)(len == 1 ? code : (0xf00U >> len) | code);
	text_r[len] = '\0';
	return len;
}

static void what_may_not_be_shown_is_not_printed(void **state)
{
	unsigned int code;

	(void)state;
	for (code = 1; code <= 0x10ffff; code++) {
		char text[5], printed[5];
		size_t len = encode(text, code);

		memcpy(printed, text, sizeof(text));
		utf8_make_printable(printed);
		if (unicode_check(text, len, NULL) < 0 &&
		    strpbrk(printed, "?") != printed)
			fail_msg("U+%04X", code);
	}
}

static void errors_are_printable_even_where_they_are_cut(void **state)
{
	char text[2 * ERROR_TEXT_SIZE + 2] = "x";
	struct error err;
	size_t i;

	(void)state;
	for (i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 3);
	error_set(&err, "%s\x1b\xc2\x9b", "anna\xff");
	assert_string_equal(err.text, "anna???");
	error_set(&err, "%s", text);
	assert_int_equal(unicode_check(err.text, strlen(err.text), NULL), 0);
	error_set(&err, "%s", text + 1);
	assert_int_equal(unicode_check(err.text, strlen(err.text), NULL), 0);
	error_prefix(&err, "%s", "a");
	assert_int_equal(unicode_check(err.text, strlen(err.text), NULL), 0);
	error_prefix(&err, "%s", "a");
	assert_int_equal(unicode_check(err.text, strlen(err.text), NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_one_honest_line),
		cmocka_unit_test(what_may_not_be_shown_is_not_printed),
		cmocka_unit_test(errors_are_printable_even_where_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
