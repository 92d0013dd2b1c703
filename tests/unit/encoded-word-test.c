#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/encoded-word.h"
#include "common/error.h"

#include <string.h>
#include <sysexits.h>
#include <time.h>

#define FFFD "\xef\xbf\xbd"
#define EE "\xc3\xab" /* U+00EB */

static void text_is_decoded(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *decoded;
	} cases[] = {
		{ "nothing", "", "" },
		{ "no encoded-word", "Anna  Bell", "Anna  Bell" },
		{ "UTF-8 as it is", "Zo" EE, "Zo" EE },
		{ "Q", "=?utf-8?q?Zo=C3=AB_B=2e?=", "Zo" EE " B." },
		{ "Q in small letters", "=?UTF-8?Q?Zo=c3=ab?=", "Zo" EE },
		{ "Q with a space in it", "=?utf-8?q?a b?=", "a b" },
		{ "B", "=?utf-8?B?Wm/Dqw==?=", "Zo" EE },
		{ "B in small letters", "=?utf-8?b?Wm/Dqw==?=", "Zo" EE },
		{ "empty",
		  "a =?utf-8?q?"
		  "?= b",
		  "a  b" },
		{ "with a language", "=?us-ascii*en-GB?q?Anna?=", "Anna" },
		{ "Latin-1", "=?iso-8859-1?q?Zo=eb?=", "Zo" EE },
		{ "text around it keeps its white space",
		  "a  =?utf-8?q?b?=\tc ", "a  b\tc " },
		{ "white space between two goes",
		  "=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab" },
		{ "of different charsets and encodings too",
		  "=?utf-8?q?a?= =?iso-8859-1?b?Yg==?= =?us-ascii?q?c?=",
		  "abc" },
		{ "at the ends it stays", " =?utf-8?q?a?= ", " a " },
		{ "beside text it stays",
		  "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c" },
		{ "no white space between two",
		  "=?utf-8?q?a?==?utf-8?q?b?=", "ab" },
		{ "within a word, as some readers take it", "a=?utf-8?q?b?=c",
		  "abc" },
		{ "a character spread over two",
		  "=?utf-8?q?Zo=C3?= =?utf-8?q?=AB?=", "Zo" EE },
		{ "spread over B and Q, names in other case",
		  "=?utf-8?b?Wm/D?=\t=?UTF-8*nl?q?=AB?=", "Zo" EE },
		{ "spread over three",
		  "=?utf-8?q?=E6?= =?utf-8?q?=84?= "
		  "=?utf-8?q?=9B?=",
		  "\xe6\x84\x9b" },
		{ "spread, EUC-JP",
		  "=?euc-jp?q?=B0?= =?euc-jp?q?=A6?=", "\xe6\x84\x9b" },
		{ "escapes in each",
		  "=?iso-2022-jp?b?GyRCMCYbKEI=?= "
		  "=?iso-2022-jp?q?a?=",
		  "\xe6\x84\x9b"
		  "a" },
		{ "control characters",
		  "=?utf-8?q?a=0D=0Ab=1b?=", "a\r\nb\x1b" },
		{ "what only looks like one", "=? ?= =?a?x?b?= =?a?q?b",
		  "=? ?= =?a?x?b?= =?a?q?b" },
		{ "one within what looks like one", "=?=?utf-8?q?a?=", "=?a" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer decoded = BUFFER_INIT;
		struct error err;

		print_message("%s\n", cases[i].name);
		if (encoded_word_decode(&decoded, cases[i].text,
					strlen(cases[i].text), &err) < 0)
			fail_msg("%s", err.text);
		assert_string_equal(buffer_string(&decoded), cases[i].decoded);
		buffer_release(&decoded);
	}
}

static void a_nul_is_decoded_like_any_octet(void **state)
{
	static const char text[] = "=?utf-8?q?a=00b?=";
	struct buffer decoded = BUFFER_INIT;
	struct error err;

	(void)state;
	assert_int_equal(
		encoded_word_decode(&decoded, text, strlen(text), &err), 0);
	assert_int_equal(decoded.len, 3);
	assert_memory_equal(decoded.data, "a\0b", 3);
	buffer_release(&decoded);
}

static void what_cannot_be_decoded_is_told_and_replaced(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *decoded;
		const char *reason;
	} cases[] = {
		{ "an unknown charset", "a =?x-none?q?b?= =?utf-8?q?c?=",
		  "a " FFFD "c", "its charset \"x-none\" is unknown" },
		{ "no charset but a language", "=?*en?q?b?=", FFFD,
		  "its charset \"\" is unknown" },
		{ "iconv's own words", "=?utf-8//IGNORE?q?b?=", FFFD,
		  "its charset \"utf-8//IGNORE\" is unknown" },
		{ "invalid octets", "=?utf-8?q?a=C3?= b", "a" FFFD " b",
		  "not all of its octets are utf-8" },
		{ "a character spread over charsets",
		  "=?utf-8?q?=C3?= =?utf8?q?=AB?=", FFFD FFFD,
		  "octets are utf-8" },
		{ "a character spread, of which a part could be ASCII",
		  "=?big5?q?ceo=A4?= =?big5?q?@example.com?=",
		  "ceo" FFFD "@example.com", "octets are big5" },
		{ "escapes for the next",
		  "=?iso-2022-jp?b?GyRCMCY=?= "
		  "=?iso-2022-jp?q?ceo?=",
		  FFFD "ceo", "octets are iso-2022-jp" },
		{ "Q cut short", "=?utf-8?q?a=4?=", "a" FFFD,
		  "not as \"Q\" has it" },
		{ "Q without digits", "=?utf-8?q?=zz?=", FFFD, "\"Q\"" },
		{ "UTF-8 in Q", "=?utf-8?q?" EE "?=", FFFD, "\"Q\"" },
		{ "B with other characters", "=?utf-8?b?Wm!=?=", FFFD,
		  "its text is not base64" },
		{ "B without padding", "=?utf-8?b?QW5uYQ?=", FFFD, "base64" },
		{ "B with bits left over", "=?utf-8?b?QW5uYR==?=", FFFD,
		  "base64" },
		{ "an encoded-word in an encoded-word",
		  "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=", "=?utf-8?q?a?=",
		  "decodes to another one" },
		{ "one of both kinds of text", "=?utf-8?q?=3D?=?utf-8?q?a?=",
		  "=?utf-8?q?a?=", "decodes to another one" },
		{ "the first fault of several",
		  "=?x?q?a?= =?utf-8?q?=zz?=", FFFD FFFD, "its charset \"x\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer decoded = BUFFER_INIT;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(encoded_word_decode(&decoded, cases[i].text,
						     strlen(cases[i].text),
						     &err),
				 -1);
		assert_int_equal(err.sysexit, EX_DATAERR);
		assert_string_equal(buffer_string(&decoded), cases[i].decoded);
		if (strstr(err.text, cases[i].reason) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text,
				 cases[i].reason);
		buffer_release(&decoded);
	}
}

static void its_end_is_found_within_bounds(void **state)
{
	static const char word[] = "=?utf-8?q?a?=b";
	size_t len;

	(void)state;
	assert_ptr_equal(encoded_word_skip(word, word + strlen(word)),
			 word + strlen(word) - 1);
	for (len = 2; len < strlen(word) - 1; len++)
		assert_null(encoded_word_skip(word, word + len));
}

static void long_text_takes_linear_time(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{ "=?", 50000 },
		{ "=?a?q?", 16000 },
		{ "=?utf-8?q?a?= ", 7000 },
		{ "=?big5?q?a?= ", 7000 },
		{ "=?x?q?a?=", 11000 },
		{ "=?utf-8?q?=C3?=", 6800 },
		{ "a ", 51000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer text = BUFFER_INIT, decoded = BUFFER_INIT;
		clock_t start = clock();
		struct error err;
		size_t n;

		print_message("%s\n", cases[i].text);
		for (n = 0; n < cases[i].count; n++)
			buffer_append_string(&text, cases[i].text);
		(void)encoded_word_decode(&decoded, text.data, text.len, &err);
		assert_true(decoded.len <= 3 * text.len);
		assert_true(clock() - start < CLOCKS_PER_SEC);
		buffer_release(&text);
		buffer_release(&decoded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(a_nul_is_decoded_like_any_octet),
		cmocka_unit_test(what_cannot_be_decoded_is_told_and_replaced),
		cmocka_unit_test(its_end_is_found_within_bounds),
		cmocka_unit_test(long_text_takes_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
