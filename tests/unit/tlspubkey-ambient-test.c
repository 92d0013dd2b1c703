#include "tests/unit/test.h"

#include "dovecot-auth-tlspubkey/tlspubkey-ambient.h"

#include <string.h>

/* A text with NUL octets in it, and its length. */
#define OCTETS(text) (const unsigned char *)(text), sizeof(text) - 1

static void imap_is_found_among_the_protocols_that_a_client_names(void **state)
{
	static const struct {
		const char *name;
		const unsigned char *extension;
		size_t len;
		bool named;
	} cases[] = {
		{ "alone", OCTETS("\0\5\4imap"), true },
		{ "last", OCTETS("\0\10\2h2\4imap"), true },
		{ "first", OCTETS("\0\10\4imap\2h2"), true },
		{ "a browser", OCTETS("\0\14\2h2\10http/1.1"), false },
		{ "longer", OCTETS("\0\6\5imap4"), false },
		{ "shorter", OCTETS("\0\4\3ima"), false },
		{ "in capitals", OCTETS("\0\5\4IMAP"), false },
		{ "within another", OCTETS("\0\7\6ximapx"), false },
		{ "across two", OCTETS("\0\6\2im\2ap"), false },
		{ "nothing", OCTETS(""), false },
		{ "an empty list", OCTETS("\0\0"), false },
		{ "half a length", OCTETS("\0"), false },
		{ "a list that ends early", OCTETS("\0\6\4imap"), false },
		{ "something behind the list", OCTETS("\0\5\4imapx"), false },
		{ "an empty name", OCTETS("\0\6\4imap\0"), false },
		{ "a name that ends early", OCTETS("\0\7\4imap\2h"), false },
		{ "a list of 256 octets and none there", OCTETS("\1\0"),
		  false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (tlspubkey_alpn_names(cases[i].extension, cases[i].len,
					 "imap") != cases[i].named)
			fail_msg("%s", cases[i].name);
	}
}

static void a_request_of_http_is_known_by_its_verb(void **state)
{
	static const struct {
		const char *text;
		bool http;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n", true },
		{ "POST /x HTTP/1.1\r\n", true },
		{ "CONNECT mail.example.org:993 HTTP/1.1\r\n", true },
		{ "PRI * HTTP/2.0\r\n", true },
		{ "GET ", true },
		{ "GET", false },
		{ "GETX NOOP\r\n", false },
		{ "get NOOP\r\n", false },
		{ "a1 LOGIN anna secret\r\n", false },
		{ " GET / HTTP/1.1\r\n", false },
		{ "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (tlspubkey_is_http((const unsigned char *)cases[i].text,
				      strlen(cases[i].text)) != cases[i].http)
			fail_msg("\"%s\"", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			imap_is_found_among_the_protocols_that_a_client_names),
		cmocka_unit_test(a_request_of_http_is_known_by_its_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
