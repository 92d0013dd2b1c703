#include "tests/unit/test.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>

static void names_are_folded_and_normalised(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *parsed;
	} cases[] = {
		{ "a plain name stays", "anna", "anna" },
		{ "upper case becomes lower", "Anna.Bell", "anna.bell" },
		{ "a name may be an address", "Anna@Example.Org",
		  "anna@example.org" },
		{ "NFD becomes NFC", "Zoe\xcc\x88", "zo\xc3\xab" },
		{ "a sharp s is folded fully",
		  "STRA\xc3\x9f"
		  "E",
		  "strasse" },
		{ "a long s is an s", "\xc5\xbfimon", "simon" },
		{ "a folder's name with more is no folder", "..a", "..a" },
		{ "digits", "1001", "1001" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		char *name;

		print_message("%s\n", cases[i].name);
		assert_int_equal(account_name_parse(&name, cases[i].text, &err),
				 0);
		assert_string_equal(name, cases[i].parsed);
		mem_free_string(&name);
	}
}

static void names_that_do_harm_are_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "an empty name", "", "it is empty" },
		{ "this folder", ".", "a folder's own name" },
		{ "the folder above", "..", "a folder's own name" },
		{ "a path", "a/b", "may not stand in it" },
		{ "a passwd-file separator", "a:b", "may not stand in it" },
		{ "a comment of a passwd-file", "#a", "a comment" },
		{ "two words of a map", "a,b", "may not stand in it" },
		{ "a Dovecot variable", "%u", "may not stand in it" },
		{ "a quote", "a\"b", "may not stand in it" },
		{ "a backslash", "a\\b", "may not stand in it" },
		{ "a space", "a b", "may not stand in it" },
		{ "a new line", "a\nb", "a control character, U+000A" },
		{ "a tab", "a\tb", "a control character, U+0009" },
		{ "a no-break space",
		  "a\xc2\xa0"
		  "b",
		  "white space, U+00A0" },
		{ "a zero-width space",
		  "a\xe2\x80\x8b"
		  "b",
		  "a zero-width character, U+200B" },
		{ "text right to left by force",
		  "a\xe2\x80\xae"
		  "b",
		  "a bidirectional control, U+202E" },
		{ "an invisible letter", "a\xe3\x85\xa4",
		  "an invisible character, U+3164" },
		{ "an unassigned character", "a\xcd\xb8",
		  "an unassigned character, U+0378" },
		{ "what is not UTF-8", "a\xe4", "octet 1 is not UTF-8" },
		{ "a slash in too many octets", "a\xc0\xaf",
		  "octet 1 is not UTF-8" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		char *name;

		print_message("%s\n", cases[i].name);
		assert_int_equal(account_name_parse(&name, cases[i].text, &err),
				 -1);
		assert_null(name);
		assert_int_equal(err.sysexit, EX_DATAERR);
		assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void a_pattern_is_an_old_name_and_no_new_one(void **state)
{
	static const char *const names[] = { "*", "ann?", "*@example.org" };
	struct error err;
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(account_name_parse(&name, names[i], &err), 0);
		assert_string_equal(name, names[i]);
		mem_free_string(&name);
		assert_int_equal(account_name_check_new(names[i], &err), -1);
		assert_int_equal(err.sysexit, EX_DATAERR);
		assert_non_null(strstr(err.text, "can't be a new name"));
	}
	assert_int_equal(account_name_check_new("anna", &err), 0);
}

static void a_name_is_at_most_255_octets(void **state)
{
	char text[ACCOUNT_NAME_MAX + 2];
	struct error err;
	char *name;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[ACCOUNT_NAME_MAX + 1] = '\0';
	assert_int_equal(account_name_parse(&name, text, &err), -1);
	assert_non_null(strstr(err.text, "longer than 255 octets"));
	text[ACCOUNT_NAME_MAX] = '\0';
	assert_int_equal(account_name_parse(&name, text, &err), 0);
	assert_string_equal(name, text);
	mem_free_string(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_folded_and_normalised),
		cmocka_unit_test(names_that_do_harm_are_refused),
		cmocka_unit_test(a_pattern_is_an_old_name_and_no_new_one),
		cmocka_unit_test(a_name_is_at_most_255_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
