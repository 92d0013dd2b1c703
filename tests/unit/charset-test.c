#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/charset.h"
#include "common/error.h"

#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

static const struct charset *find(const char *name)
{
	return charset_find(name, strlen(name));
}

static int convert(const char *name, const char *octets, struct buffer *utf8,
		   struct error *err_r)
{
	const struct charset *charset = find(name);
	struct buffer copy = BUFFER_INIT;
	int result;

	assert_non_null(charset);
	buffer_append_string(&copy, octets);
	result = charset_to_utf8(charset, utf8, &copy, err_r);
	buffer_release(&copy);
	return result;
}

static void each_charset_is_converted(void **state)
{
	static const struct {
		const char *charset;
		const char *octets;
		const char *utf8;
	} cases[] = {
		{ "us-ascii", "Anna", "Anna" },
		{ "US-ASCII", "", "" },
		{ "utf-8", "Zo\xc3\xab", "Zo\xc3\xab" },
		{ "UTF8", "Zo\xc3\xab", "Zo\xc3\xab" },
		{ "iso-8859-1", "Zo\xeb", "Zo\xc3\xab" },
		{ "ISO-8859-15", "\xa4", "\xe2\x82\xac" },
		{ "iso-8859-8-i", "\xe0", "\xd7\x90" },
		{ "windows-1252", "\x80", "\xe2\x82\xac" },
		{ "windows-1251", "\xc0", "\xd0\x90" },
		{ "koi8-r", "\xe1", "\xd0\x90" },
		{ "gb2312", "\xd6\xec", "\xe6\x9c\xb1" },
		{ "gbk", "\xe9\x46", "\xe9\x95\x95" },
		{ "gb18030", "\x81\x30\x81\x30", "\xc2\x80" },
		{ "big5", "\xa4\x40", "\xe4\xb8\x80" },
		{ "euc-jp", "\xb0\xa6", "\xe6\x84\x9b" },
		{ "shift_jis", "\x88\xa4", "\xe6\x84\x9b" },
		{ "iso-2022-jp", "a\x1b$B0&\x1b(Bb",
		  "a\xe6\x84\x9b"
		  "b" },
		{ "euc-kr", "\xb1\xe8", "\xea\xb9\x80" },
		{ "ks_c_5601-1987", "\xb1\xe8", "\xea\xb9\x80" },
		{ "windows-1258", "e\xcc", "\xc3\xa8" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer utf8 = BUFFER_INIT;
		struct error err;

		print_message("%s\n", cases[i].charset);
		if (convert(cases[i].charset, cases[i].octets, &utf8, &err) < 0)
			fail_msg("%s", err.text);
		assert_string_equal(buffer_string(&utf8), cases[i].utf8);
		buffer_release(&utf8);
	}
}

static void invalid_octets_are_told_and_replaced(void **state)
{
	static const struct {
		const char *name;
		const char *charset;
		const char *octets;
		const char *utf8;
	} cases[] = {
		{ "beyond ASCII", "us-ascii", "a\xeb", "a\xef\xbf\xbd" },
		{ "an open character", "utf-8", "a\xc3", "a\xef\xbf\xbd" },
		{ "overlong", "utf-8", "\xc0\xbc", "\xef\xbf\xbd" },
		{ "a surrogate", "utf-8", "\xed\xa0\xbc", "\xef\xbf\xbd" },
		{ "beyond Unicode", "utf-8", "\xf4\x90\x80\x80",
		  "\xef\xbf\xbd" },
		{ "what follows is not taken for text", "utf-8", "\xc3@",
		  "\xef\xbf\xbd" },
		{ "no such character", "windows-1252", "\x81", "\xef\xbf\xbd" },
		{ "an open character that could end in ASCII", "big5", "\xa4",
		  "\xef\xbf\xbd" },
		{ "not in this one, but in those like it", "gb2312", "\xe9\x46",
		  "\xef\xbf\xbd" },
		{ "private use, where others see an \"@\"", "big5", "\xc8\x40",
		  "\xef\x9e\xac\xef\xbf\xbd" },
		{ "it ends in another character set", "iso-2022-jp", "\x1b$B0&",
		  "\xef\xbf\xbd" },
		{ "an open escape", "iso-2022-jp", "a\x1b(", "\xef\xbf\xbd" },
		{ "8-bit among escapes", "iso-2022-jp", "\xb0\xa6",
		  "\xef\xbf\xbd" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer utf8 = BUFFER_INIT;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(
			convert(cases[i].charset, cases[i].octets, &utf8, &err),
			-1);
		assert_int_equal(err.sysexit, EX_DATAERR);
		assert_non_null(strstr(err.text, cases[i].charset));
		assert_string_equal(buffer_string(&utf8), cases[i].utf8);
		buffer_release(&utf8);
	}
}

static void iconv_is_given_no_other_charset(void **state)
{
	static const char *const names[] = {
		"",	      "x-unknown", "utf-8//IGNORE", "utf-8//TRANSLIT",
		"utf-7",      "utf-16",	   "cp037",	    "iso-2022-cn-ext",
		"big5-hkscs", "utf-8 ",	   "utf",	    "../x",
		"ucs-4",      "unicode",   "char",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		assert_null(find(names[i]));
	assert_null(charset_find("utf-8\0", 6));
}

static void only_what_no_reader_sees_ascii_in_can_be_cut(void **state)
{
	static const struct {
		const char *name;
		bool can_be_cut;
	} cases[] = {
		{ "utf-8", true },	  { "iso-8859-1", true },
		{ "euc-jp", true },	  { "gb2312", true },
		{ "gbk", false },	  { "gb18030", false },
		{ "big5", false },	  { "shift_jis", false },
		{ "iso-2022-jp", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(charset_can_be_cut(find(cases[i].name)),
				 cases[i].can_be_cut);
}

/* No descriptor is left to open its module with; nor was one used before. */
static void a_charset_that_cannot_be_loaded_is_an_outage_meanwhile(void **state)
{
	struct buffer utf8 = BUFFER_INIT;
	struct rlimit old, none;
	struct error err;
	int result;

	(void)state;
	charset_prepare();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = convert("iso-8859-14", "a", &utf8, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(result, -1);
	assert_int_equal(err.sysexit, EX_OSFILE);
	assert_non_null(strstr(err.text, "iso-8859-14"));
	if (convert("iso-8859-14", "a", &utf8, &err) < 0)
		fail_msg("%s", err.text);
	buffer_release(&utf8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_charset_that_cannot_be_loaded_is_an_outage_meanwhile),
		cmocka_unit_test(each_charset_is_converted),
		cmocka_unit_test(invalid_octets_are_told_and_replaced),
		cmocka_unit_test(iconv_is_given_no_other_charset),
		cmocka_unit_test(only_what_no_reader_sees_ascii_in_can_be_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
