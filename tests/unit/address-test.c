#include "tests/unit/test.h"

#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void addresses_are_taken_apart_and_written_again(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *local, *domain;
		const char *formatted;
	} cases[] = {
		{ "a plain address", "anna@example.org", "anna", "example.org",
		  "anna@example.org" },
		{ "the local part keeps its case, the domain does not",
		  "Anna@EXAMPLE.Org", "Anna", "example.org",
		  "Anna@example.org" },
		{ "dots and punctuation", "a.b+c=d/e'f!@example.org",
		  "a.b+c=d/e'f!", "example.org", "a.b+c=d/e'f!@example.org" },
		{ "needless quotes go", "\"anna\"@example.org", "anna",
		  "example.org", "anna@example.org" },
		{ "needless escapes go", "\"a\\nn\\a\"@example.org", "anna",
		  "example.org", "anna@example.org" },
		{ "a space keeps its quotes", "\"anna bell\"@example.org",
		  "anna bell", "example.org", "\"anna bell\"@example.org" },
		{ "an \"@\" within quotes", "\"ceo@example.com,\"@example.org",
		  "ceo@example.com,", "example.org",
		  "\"ceo@example.com,\"@example.org" },
		{ "a quote and a backslash", "\"a\\\"b\\\\c\"@example.org",
		  "a\"b\\c", "example.org", "\"a\\\"b\\\\c\"@example.org" },
		{ "two dots in a row need quotes", "\"a..b\"@example.org",
		  "a..b", "example.org", "\"a..b\"@example.org" },
		{ "a dot at the end needs quotes", "\"a.\"@example.org", "a.",
		  "example.org", "\"a.\"@example.org" },
		{ "UTF-8", "zo\xc3\xab@example.org", "zo\xc3\xab",
		  "example.org", "zo\xc3\xab@example.org" },
		{ "NFD becomes NFC", "zoe\xcc\x88@example.org", "zo\xc3\xab",
		  "example.org", "zo\xc3\xab@example.org" },
		{ "one label", "root@localhost", "root", "localhost",
		  "root@localhost" },
		{ "U-labels become A-labels",
		  "a@B\xc3\xbc"
		  "cher.example.org",
		  "a", "xn--bcher-kva.example.org",
		  "a@xn--bcher-kva.example.org" },
		{ "U-labels in NFD",
		  "a@bu\xcc\x88"
		  "cher.example.org",
		  "a", "xn--bcher-kva.example.org",
		  "a@xn--bcher-kva.example.org" },
		{ "U-labels beside an A-label",
		  "a@\xc3\x89t\xc3\xa9.XN--BCHER-KVA.example.org", "a",
		  "xn--t-9fab.xn--bcher-kva.example.org",
		  "a@xn--t-9fab.xn--bcher-kva.example.org" },
		{ "A-labels in upper case", "a@XN--BCHER-KVA.example.org", "a",
		  "xn--bcher-kva.example.org", "a@xn--bcher-kva.example.org" },
		{ "a sharp s stays one (not transitional)",
		  "a@stra\xc3\x9f"
		  "e.example.org",
		  "a", "xn--strae-oqa.example.org",
		  "a@xn--strae-oqa.example.org" },
		{ "hyphens at 3 and 4 of a plain label",
		  "a@r3---sn.example.org", "a", "r3---sn.example.org",
		  "a@r3---sn.example.org" },
		{ "a number as a label", "a@163.example.com", "a",
		  "163.example.com", "a@163.example.com" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct address address;
		struct error err;
		char *formatted;

		print_message("%s\n", cases[i].name);
		assert_int_equal(address_parse(&address, cases[i].text, &err),
				 0);
		assert_string_equal(address.local, cases[i].local);
		assert_string_equal(address.domain, cases[i].domain);
		formatted = address_format(&address);
		assert_string_equal(formatted, cases[i].formatted);
		mem_free_string(&formatted);
		address_release(&address);
	}
}

static void what_is_not_an_address_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "nothing", "", "\"@\" follows" },
		{ "no \"@\"", "anna", "no \"@\" follows" },
		{ "no local part", "@example.org", "\"@\" is empty" },
		{ "an empty quoted local part", "\"\"@example.org",
		  "\"@\" is empty" },
		{ "no domain", "anna@", "the domain is empty" },
		{ "two \"@\"", "a@b@example.org",
		  "a character other than letters" },
		{ "a dot at the start", ".a@example.org", "must be quoted" },
		{ "a dot at the end", "a.@example.org", "must be quoted" },
		{ "two dots", "a..b@example.org", "must be quoted" },
		{ "a bare space", "a b@example.org", "must be quoted" },
		{ "a bare comma", "a,b@example.org", "must be quoted" },
		{ "a bare quote", "a\"b\"@example.org", "must be quoted" },
		{ "an open quote", "\"a@example.org", "not closed" },
		{ "an open escape", "\"a\\", "not closed" },
		{ "text behind the quote", "\"a\"b@example.org",
		  "no \"@\" follows" },
		{ "angle brackets", "<a@example.org>", "must be quoted" },
		{ "a source route", "@a.example.org,@b.example.org:c@x.test",
		  "\"@\" is empty" },
		{ "a comment", "a(b)@example.org", "must be quoted" },
		{ "a control character", "\"a\nb\"@example.org",
		  "a control character, U+000A" },
		{ "a C1 control character", "a\xc2\x85@example.org",
		  "a control character, U+0085" },
		{ "what is not UTF-8", "a\xe4@example.org", "is not UTF-8" },
		{ "a surrogate", "a\xed\xa0\x80@example.org", "is not UTF-8" },
		{ "a bidi override", "a\xe2\x80\xae@example.org",
		  "a bidirectional control, U+202E" },
		{ "a zero-width joiner", "a\xe2\x80\x8d@example.org",
		  "a zero-width character, U+200D" },
		{ "a byte order mark",
		  "\xef\xbb\xbf"
		  "a@example.org",
		  "a zero-width character, U+FEFF" },
		{ "a variation selector", "a\xef\xb8\x8f@example.org",
		  "an invisible character, U+FE0F" },
		{ "a line separator", "\"a\xe2\x80\xa8\"@example.org",
		  "a control character, U+2028" },
		{ "a domain literal", "a@[192.0.2.1]", "address literal" },
		{ "an IP address as domain", "a@192.0.2.1",
		  "ends in a number" },
		{ "a trailing dot", "a@example.org.", "ends with a dot" },
		{ "an empty label", "a@example..org", "two in a row" },
		{ "a leading dot", "a@.example.org", "begins or ends" },
		{ "an underscore", "a@a_b.example.org", "other than letters" },
		{ "an underscore beside a U-label", "a@b\xc3\xbc_.example.org",
		  "the domain" },
		{ "a space in the domain", "a@example .org",
		  "other than letters" },
		{ "a hyphen first", "a@-a.example.org", "begins or ends with" },
		{ "a hyphen last", "a@a-.example.org", "begins or ends with" },
		{ "a false A-label", "a@xn--a.example.org", "IDNA 2008" },
		{ "an A-label of upper case", "a@xn--bcher-2pa.example.org",
		  "IDNA 2008" },
		{ "an A-label of NFD", "a@xn--bucher-xyd.example.org",
		  "IDNA 2008" },
		{ "an A-label of ASCII", "a@xn--abc-.example.org",
		  "IDNA 2008" },
		{ "a letter of full width",
		  "a@\xef\xbd\x85xample.b\xc3\xbc"
		  "cher.test",
		  "a character that stands for another: write "
		  "\"example.xn--bcher-kva.test\"" },
		{ "a symbol as U-label", "a@\xe2\x98\x83.example.org",
		  "IDNA 2008" },
		{ "a soft hyphen in the domain", "a@exam\xc2\xadple.org",
		  "a zero-width character, U+00AD" },
		{ "a zero-width joiner in the domain",
		  "a@exam\xe2\x80\x8dple.org",
		  "a zero-width character, U+200D" },
		{ "a domain that is not UTF-8", "a@\xe4.example.org",
		  "is not UTF-8" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct address address;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(address_parse(&address, cases[i].text, &err),
				 -1);
		assert_null(address.local);
		assert_null(address.domain);
		assert_int_equal(err.sysexit, EX_DATAERR);
		assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static int parse_parts(const char *local, const char *domain)
{
	struct address address;
	struct error err;
	int result = address_from_parts(&address, local, domain, &err);

	address_release(&address);
	return result;
}

/* count times text, in a buffer big enough. */
static const char *
repeat(char *buffer, const char *text, size_t count, const char *end)
{
	char *p = buffer;

	while (count-- > 0)
		p = stpcpy(p, text);
	stpcpy(p, end);
	return buffer;
}

static void lengths_are_bounded(void **state)
{
	char text[4096];

	(void)state;
	assert_int_equal(parse_parts(repeat(text, "a", 255, ""), "x.test"), 0);
	assert_int_equal(parse_parts(repeat(text, "a", 256, ""), "x.test"), -1);
	/* 127 times a letter of 2 octets in NFC, of 3 in NFD */
	assert_int_equal(
		parse_parts(repeat(text, "a\xcc\x88", 127, ""), "x.test"), 0);
	assert_int_equal(
		parse_parts(repeat(text, "a\xcc\x88", 128, ""), "x.test"), -1);

	assert_int_equal(parse_parts("a", repeat(text, "a", 63, ".test")), 0);
	assert_int_equal(parse_parts("a", repeat(text, "a", 64, ".test")), -1);
	assert_int_equal(parse_parts("a", repeat(text, "a.", 126, "b")), 0);
	assert_int_equal(parse_parts("a", repeat(text, "a.", 126, "bc")), -1);
	assert_int_equal(parse_parts("a", repeat(text, "\xc3\xa4", 900, "")),
			 -1);
}

static char *key_of(const char *text, const struct address_rules *rules)
{
	struct address address;
	struct error err;
	char *key;

	assert_int_equal(address_parse(&address, text, &err), 0);
	key = address_key(&address, rules);
	address_release(&address);
	return key;
}

static void spellings_of_one_mailbox_have_one_key(void **state)
{
	static const struct address_rules plus = { .delimiters = "+" };
	static const struct address_rules several = { .delimiters = "+-" };
	static const struct address_rules strict = { .delimiters = "+",
						     .case_sensitive = true };
	static const struct {
		const char *name;
		const struct address_rules *rules;
		const char *text;
		const char *key;
	} cases[] = {
		{ "case is folded", &plus, "Anna@Example.org",
		  "anna@example.org" },
		{ "case is folded for foreign domains", &address_rules_foreign,
		  "Anna@example.org", "anna@example.org" },
		{ "case is kept where it counts", &strict, "Anna@Example.org",
		  "Anna@example.org" },
		{ "NFD where case counts", &strict, "Zoe\xcc\x88@example.org",
		  "Zo\xc3\xab@example.org" },
		{ "what follows the delimiter is cut", &plus,
		  "anna+tag@example.org", "anna@example.org" },
		{ "cut where case counts", &strict, "Anna+Tag@example.org",
		  "Anna@example.org" },
		{ "the first of two delimiters cuts", &plus,
		  "anna+a+b@example.org", "anna@example.org" },
		{ "any of several delimiters", &several, "anna-a+b@example.org",
		  "anna@example.org" },
		{ "nothing behind the delimiter", &plus, "anna+@example.org",
		  "anna@example.org" },
		{ "a delimiter that is not the domain's", &plus,
		  "anna-a@example.org", "anna-a@example.org" },
		{ "none for foreign domains", &address_rules_foreign,
		  "anna+tag@example.org", "anna+tag@example.org" },
		{ "a delimiter first leaves it whole", &plus,
		  "+anna+tag@example.org", "+anna+tag@example.org" },
		{ "a delimiter alone", &plus, "+@example.org",
		  "+@example.org" },
		{ "a sharp s is two s", &plus,
		  "Stra\xc3\x9f"
		  "e@example.org",
		  "strasse@example.org" },
		{ "a final sigma is a sigma", &plus,
		  "\xce\xa3\xce\x91\xcf\x82@example.org",
		  "\xcf\x83\xce\xb1\xcf\x83@example.org" },
		{ "a dotted I is not a dotless one", &plus, "I@example.org",
		  "i@example.org" },
		{ "marks in another order", &plus,
		  "\xce\x91\xcd\x85\xcc\x81@example.org",
		  "\xce\xac\xce\xb9@example.org" },
		{ "the same, composed", &plus, "\xe1\xbe\xb4@example.org",
		  "\xce\xac\xce\xb9@example.org" },
		{ "full-width letters are others", &plus,
		  "\xef\xbd\x81@example.org", "\xef\xbd\x81@example.org" },
		{ "an \"@\" in the local part", &plus, "\"A@b\"@example.org",
		  "a@b@example.org" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *key = key_of(cases[i].text, cases[i].rules);

		print_message("%s\n", cases[i].name);
		assert_string_equal(key, cases[i].key);
		mem_free_string(&key);
	}
}

static void a_domain_alone_is_parsed_alike(void **state)
{
	struct error err;
	char *domain;

	(void)state;
	assert_int_equal(address_domain_parse(&domain,
					      "B\xc3\x9c"
					      "cher.example",
					      &err),
			 0);
	assert_string_equal(domain, "xn--bcher-kva.example");
	mem_free_string(&domain);
	assert_int_equal(address_domain_parse(&domain, "", &err), -1);
	assert_null(domain);
	assert_string_equal(err.text, "the domain is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_taken_apart_and_written_again),
		cmocka_unit_test(
			what_is_not_an_address_is_refused_with_the_reason),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(spellings_of_one_mailbox_have_one_key),
		cmocka_unit_test(a_domain_alone_is_parsed_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
