#include "tests/unit/test.h"

#include "common/authserv-id.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

static void an_id_is_read_however_it_is_spelled(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		const char *id; /* NULL: refused */
	} cases[] = {
		{ "plain", " mx.example.org; dkim=pass", "mx.example.org" },
		{ "nothing behind it", "mx.example.org", "mx.example.org" },
		{ "no result", " mx.example.org; none", "mx.example.org" },
		{ "no space", "mx.example.org;dkim=pass", "mx.example.org" },
		{ "capitals", " MX.Example.ORG; none", "mx.example.org" },
		{ "a version", " mx.example.org 1; none", "mx.example.org" },
		{ "a version and a comment", " mx.example.org (a) 1 (b) ; none",
		  "mx.example.org" },
		{ "quotes", " \"mx.example.org\"; none", "mx.example.org" },
		{ "quotes and escapes", " \"m\\x.example.org\"; none",
		  "mx.example.org" },
		{ "a quoted version", " \"mx.example.org\" 1; none",
		  "mx.example.org" },
		{ "a comment", " (by) mx.example.org; none", "mx.example.org" },
		{ "comments in comments", " (a (b) \\) c)mx.example.org; none",
		  "mx.example.org" },
		{ "a comment behind it", " mx.example.org(x); none",
		  "mx.example.org" },
		{ "folds", "\n\tmx.example.org\n ;\n\tnone", "mx.example.org" },
		{ "CRLF folds", "\r\n mx.example.org\r\n 1\r\n ; none",
		  "mx.example.org" },
		{ "a last dot", " mx.example.org.; none", "mx.example.org" },
		{ "a U-label", " m\xc3\xbcller.example; none",
		  "xn--mller-kva.example" },
		{ "its A-label", " XN--mller-kva.example; none",
		  "xn--mller-kva.example" },
		{ "no domain", " Mail_Server+1; none", "mail_server+1" },
		{ "an address", " 192.0.2.1; none", "192.0.2.1" },
		{ "another host's", " mx.example.net; none", "mx.example.net" },
		{ "a name below", " a.mx.example.org; none",
		  "a.mx.example.org" },

		{ "nothing", "", NULL },
		{ "only results", " ; none", NULL },
		{ "only a comment", " (mx.example.org)", NULL },
		{ "a comment that does not end", " (mx.example.org; none",
		  NULL },
		{ "a comment that ends in a backslash", " (x\\", NULL },
		{ "quotes that do not end", " \"mx.example.org; none", NULL },
		{ "quotes that end in a backslash", " \"mx\\", NULL },
		{ "quotes with space in them", " \"mx.example.org \"; none",
		  NULL },
		{ "quotes with nothing in them", " \"\"; none", NULL },
		{ "quotes and more", " \"mx\".example.org; none", NULL },
		{ "an encoded-word", " =?utf-8?q?mx=2Eexample=2Eorg?=; none",
		  NULL },
		{ "no id but a result", " dkim=pass (ok) header.d=a.example",
		  NULL },
		{ "two words", " mx.example.org mx.example.net; none", NULL },
		{ "a comment in it", " mx.(x)example.org; none", NULL },
		{ "a version that is none", " mx.example.org 1a; none", NULL },
		{ "two versions", " mx.example.org 1 1; none", NULL },
		{ "a comma", " mx.example.org, dkim=pass", NULL },
		{ "a slash", " mx.example.org/1; none", NULL },
		{ "a dot alone", " .; none", NULL },
		{ "full-width letters", " \xef\xbd\x8dx.example.org; none",
		  NULL },
		{ "invisible characters", " mx\xe2\x80\x8b.example.org; none",
		  NULL },
		{ "what is no UTF-8", " mx\xff.example.org; none", NULL },
		{ "a control character", " mx\x01.example.org; none", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *value = cases[i].value;
		struct error err;
		char *id = NULL;

		print_message("%s\n", cases[i].name);
		if (authserv_id_parse(&id, value, strlen(value), &err) < 0)
			assert_null(cases[i].id);
		else if (cases[i].id == NULL)
			fail_msg("read as \"%s\"", id);
		else
			assert_string_equal(id, cases[i].id);
		mem_free_string(&id);
	}
}

static void nothing_behind_the_length_is_read(void **state)
{
	struct error err;
	char *id;

	(void)state;
	assert_int_equal(authserv_id_parse(&id, "a.example.org", 9, &err), 0);
	assert_string_equal(id, "a.example");
	mem_free_string(&id);
	assert_int_equal(authserv_id_parse(&id, "(x\\)a", 3, &err), -1);
	assert_int_equal(authserv_id_parse(&id, "\"x\\\"", 3, &err), -1);
	assert_int_equal(authserv_id_parse(&id, "a\0b", 3, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_read_however_it_is_spelled),
		cmocka_unit_test(nothing_behind_the_length_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
