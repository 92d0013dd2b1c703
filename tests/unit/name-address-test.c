#include "tests/unit/test.h"

#include "common/address.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/name-address.h"
#include "common/unicode.h"

#include <string.h>
#include <time.h>

/* All that is found, with a space between. */
static char *find_all(const char *name)
{
	char *searched = unicode_searched(name, strlen(name));
	struct buffer found = BUFFER_INIT;
	const char *rest = searched;
	struct address address;

	while (name_address_next(&rest, &address)) {
		buffer_printf(&found, "%s%s@%s", found.len > 0 ? " " : "",
			      address.local, address.domain);
		address_release(&address);
	}
	mem_free_string(&searched);
	return buffer_steal(&found);
}

static void what_people_take_for_an_address_is_found(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *found;
	} cases[] = {
		{ "alone", "ceo@example.com", "ceo@example.com" },
		{ "among words", "Mail ceo@example.com now",
		  "ceo@example.com" },
		{ "in brackets", "Ceo <ceo@example.com>", "ceo@example.com" },
		{ "in round ones", "Ceo (ceo@example.com)", "ceo@example.com" },
		{ "in quotes", "'ceo@example.com'", "ceo@example.com" },
		{ "in typographic quotes",
		  "\xe2\x80\x9c"
		  "ceo@example.com\xe2\x80\x9d",
		  "ceo@example.com" },
		{ "with a quoted local part", "\"ceo\"@example.com",
		  "ceo@example.com" },
		{ "behind a colon", "mailto:ceo@example.com",
		  "ceo@example.com" },
		{ "at the end of a sentence", "I am ceo@example.com.",
		  "ceo@example.com" },
		{ "with all that a local part may have",
		  "a.b+c=d/e_f'g!@example.com", "a.b+c=d/e_f'g!@example.com" },
		{ "with a subdomain", "ceo@mail-1.example.co.test",
		  "ceo@mail-1.example.co.test" },
		{ "with white space around the at sign",
		  "ceo \t@\xc2\xa0 example.com", "ceo@example.com" },
		{ "with an emoji around it",
		  "ceo\xf0\x9f\x98\x80@\xf0\x9f\x98\x80"
		  "example.com",
		  "ceo@example.com" },
		{ "two", "anna@example.org, ceo@example.com",
		  "anna@example.org ceo@example.com" },
		{ "two run together", "anna@example.org@example.com",
		  "anna@example.org example.org@example.com" },
		{ "a full-width at sign",
		  "ceo\xef\xbc\xa0"
		  "example.com",
		  "ceo@example.com" },
		{ "a small at sign",
		  "ceo\xef\xb9\xab"
		  "example.com",
		  "ceo@example.com" },
		{ "full-width letters and dot",
		  "\xef\xbd\x83\xef\xbd\x85\xef\xbd\x8f\xef\xbc\xa0"
		  "example\xef\xbc\x8e"
		  "com",
		  "ceo@example.com" },
		{ "an ideographic full stop",
		  "ceo@example\xe3\x80\x82"
		  "com",
		  "ceo@example.com" },
		{ "a half-width ideographic full stop",
		  "ceo@example\xef\xbd\xa1"
		  "com",
		  "ceo@example.com" },
		{ "mathematical letters",
		  "\xf0\x9d\x90\x9c\xf0\x9d\x90\x9e"
		  "o@example.com",
		  "ceo@example.com" },
		{ "zero-width characters in it",
		  "c\xe2\x80\x8b"
		  "eo\xe2\x80\x8d@\xef\xbb\xbf"
		  "exam\xc2\xadple.com",
		  "ceo@example.com" },
		{ "variation selectors in it",
		  "ceo\xef\xb8\x8f@\xef\xb8\x8f"
		  "example.com",
		  "ceo@example.com" },
		{ "letters beyond ASCII",
		  "zo\xc3\xab@b\xc3\xbc"
		  "cher.example",
		  "zo\xc3\xab@b\xc3\xbc"
		  "cher.example" },
		{ "right-to-left letters", "\xd7\x90@\xd7\x91.\xd7\x92",
		  "\xd7\x90@\xd7\x91.\xd7\x92" },
		{ "a dot too many before it", "ceo.@example.com",
		  "ceo@example.com" },
		{ "a domain that is none", "ceo@my_host.example.com",
		  "ceo@my_host.example.com" },
		{ "digits first", "ceo@1.example", "ceo@1.example" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *found = find_all(cases[i].text);

		print_message("%s\n", cases[i].name);
		assert_string_equal(found, cases[i].found);
		mem_free_string(&found);
	}
}

static void other_text_has_no_address(void **state)
{
	static const char *const texts[] = {
		"",
		"Anna Bell",
		"@",
		"@@",
		"Anna @ work",
		"@anna",
		"@anna.example",
		"anna@home",
		"anna@",
		"Anna (@anna)",
		"6 eggs @ 1.50",
		"a@1.2",
		"a@.com",
		"a@example..",
		"a@-.-",
		"...@example.com",
		"anna at example.org",
		"anna@[192.0.2.1]",
		"C@t",
		"\xc3\xab@\xc3\xab",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char *found = find_all(texts[i]);

		if (found[0] != '\0')
			fail_msg("\"%s\" in \"%s\"", found, texts[i]);
		mem_free_string(&found);
	}
}

static void a_long_name_takes_linear_time(void **state)
{
	static const char *const texts[] = {
		"@",
		" ",
		"@ ",
		"a@",
		"a",
		"a.",
		"@a.a",
		"' @",
		".",
		"a.b@",
		"-",
		"_",
		"a@b.c ",
		"\xef\xb7\xba", /* 18 characters in NFKC */
		"\xcc\x81\xcc\xa3",
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct buffer name = BUFFER_INIT;
		clock_t start = clock();
		char *found;

		print_message("%s\n", texts[i]);
		for (n = 0; n < 100000; n += strlen(texts[i]))
			buffer_append_string(&name, texts[i]);
		found = find_all(name.data);
		assert_true(clock() - start < CLOCKS_PER_SEC);
		mem_free_string(&found);
		buffer_release(&name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_take_for_an_address_is_found),
		cmocka_unit_test(other_text_has_no_address),
		cmocka_unit_test(a_long_name_takes_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
