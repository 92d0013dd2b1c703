#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/dkim-table.h"
#include "common/error.h"

#include <stdlib.h>
#include <string.h>

#define SINCE "2026-11-22T10:20:00Z"

static void lines_become_entries_and_lines_again(void **state)
{
	static const char text[] =
		"# comment\n"
		"\n"
		"Example.ORG\t2026-11-rsa  rsa active " SINCE
		" example.org/a.pem ttl=3600 subdomains\n"
		"example.org 2026-11-Ed25519 ed25519 pending "
		"2027-01-01T00:00:00Z /keys/b.pem ttl=0\n"
		"b\xc3\xbc\x63her.example a.b rsa retired " SINCE " c.pem";
	static const char formatted[] =
		"example.org 2026-11-rsa rsa active " SINCE
		" example.org/a.pem subdomains ttl=3600\n"
		"example.org 2026-11-ed25519 ed25519 pending "
		"2027-01-01T00:00:00Z /keys/b.pem\n"
		"xn--bcher-kva.example a.b rsa retired " SINCE " c.pem\n";
	struct buffer out = BUFFER_INIT;
	struct dkim_table table;
	struct error err;
	char *path;

	(void)state;
	assert_int_equal(dkim_table_parse(&table, text, strlen(text), &err), 0);
	assert_int_equal(table.count, 3);
	dkim_table_format(&out, &table);
	assert_string_equal(buffer_string(&out), formatted);
	assert_int_equal(table.entries[0].since, 1795342800);
	assert_int_equal(table.entries[0].ttl, 3600);
	assert_true(table.entries[0].subdomains);
	assert_int_equal(table.entries[1].ttl, 0);
	assert_false(table.entries[1].subdomains);
	assert_ptr_equal(dkim_table_find(&table, "example.org", "2026-11-rsa"),
			 &table.entries[0]);
	assert_null(dkim_table_find(&table, "example.org", "a.b"));
	path = dkim_table_key_path("/var/lib/x/table", &table.entries[0]);
	assert_string_equal(path, "/var/lib/x/example.org/a.pem");
	free(path);
	path = dkim_table_key_path("/var/lib/x/table", &table.entries[1]);
	assert_string_equal(path, "/keys/b.pem");
	free(path);
	dkim_table_release(&table);
	buffer_release(&out);
}

static void bad_tables_are_refused_with_line_and_reason(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "too few words", "\nexample.org a rsa active " SINCE "\n",
		  "line 2: is not of the form" },
		{ "a time that is none",
		  "example.org a rsa active 2026-02-29T10:20:00Z p\n",
		  "line 1: \"2026-02-29T10:20:00Z\" is not a time" },
		{ "a time that is not in UTC",
		  "example.org a rsa active 2026-11-22T10:20:00+01:00 p\n",
		  "line 1: \"2026-11-22T10:20:00+01:00\" is not a time" },
		{ "an unknown option",
		  "example.org a rsa active " SINCE " p subdomain\n",
		  "line 1: option must be subdomains or ttl=SECONDS, not "
		  "\"subdomain\"" },
		{ "a TTL that is no number",
		  "example.org a rsa active " SINCE " p ttl=1h\n",
		  "line 1: ttl= must be a number of seconds, not \"1h\"" },
		{ "a TTL that is negative",
		  "example.org a rsa active " SINCE " p ttl=-1\n",
		  "line 1: ttl= must be" },
		{ "a TTL beyond 31 bits",
		  "example.org a rsa active " SINCE " p ttl=2147483648\n",
		  "line 1: ttl= must be" },
		{ "a domain that is none",
		  "exa_mple..org a rsa active " SINCE " p\n", "line 1: " },
		{ "a selector that is none",
		  "example.org a_b rsa active " SINCE " p\n",
		  "line 1: \"a_b\" is not a selector" },
		{ "a selector that ends in a dot",
		  "example.org a. rsa active " SINCE " p",
		  "line 1: \"a.\" is not a selector" },
		{ "an unknown algorithm",
		  "example.org a dsa active " SINCE " p\n",
		  "line 1: algorithm must be rsa or ed25519, not \"dsa\"" },
		{ "an unknown state", "example.org a rsa on " SINCE " p\n",
		  "line 1: state must be pending, active or retired, not "
		  "\"on\"" },
		{ "a selector twice",
		  "example.org a rsa active " SINCE
		  " p\nexample.com a rsa active " SINCE " p\n"
		  "example.org A ed25519 active " SINCE " p\n",
		  "selector a of example.org stands twice" },
		{ "two active keys of one algorithm",
		  "example.org a rsa active " SINCE
		  " p\nexample.org b rsa active " SINCE " p\n",
		  "example.org has two active keys for rsa, a and b; retire "
		  "one" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dkim_table table;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(dkim_table_parse(&table, cases[i].text,
						  strlen(cases[i].text), &err),
				 -1);
		assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void a_nul_is_refused(void **state)
{
	static const char text[] = "example.org a rsa active " SINCE " p\0q\n";
	struct dkim_table table;
	struct error err;

	(void)state;
	assert_int_equal(dkim_table_parse(&table, text, sizeof(text) - 1, &err),
			 -1);
	assert_string_equal(err.text, "line 1: a NUL stands in the line");
}

static void one_active_key_of_each_algorithm_is_fine(void **state)
{
	static const char text[] = "example.org a rsa active " SINCE " p\n"
				   "example.org b ed25519 active " SINCE " p\n"
				   "example.org c rsa pending " SINCE " p\n"
				   "example.org d rsa retired " SINCE " p\n"
				   "example.com a rsa active " SINCE " p\n";
	struct dkim_table table;
	struct error err;

	(void)state;
	assert_int_equal(dkim_table_parse(&table, text, strlen(text), &err), 0);
	assert_int_equal(table.count, 5);
	dkim_table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_entries_and_lines_again),
		cmocka_unit_test(bad_tables_are_refused_with_line_and_reason),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(one_active_key_of_each_algorithm_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
