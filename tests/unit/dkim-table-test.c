#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/dkim-table.h"
#include "common/error.h"

#include <stdlib.h>
#include <string.h>

static void lines_become_entries_and_lines_again(void **state)
{
	static const char text[] =
		"# comment\n"
		"\n"
		"Example.ORG\t2026-11-rsa  rsa active example.org/a.pem\n"
		"example.org 2026-11-Ed25519 ed25519 prepared /keys/b.pem\n"
		"b\xc3\xbc\x63her.example a.b rsa retired c.pem";
	static const char formatted[] =
		"example.org 2026-11-rsa rsa active example.org/a.pem\n"
		"example.org 2026-11-ed25519 ed25519 prepared /keys/b.pem\n"
		"xn--bcher-kva.example a.b rsa retired c.pem\n";
	struct buffer out = BUFFER_INIT;
	struct dkim_table table;
	struct error err;
	char *path;

	(void)state;
	assert_int_equal(dkim_table_parse(&table, text, strlen(text), &err), 0);
	assert_int_equal(table.count, 3);
	dkim_table_format(&out, &table);
	assert_string_equal(buffer_string(&out), formatted);
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
		{ "too few words", "\nexample.org a rsa active\n",
		  "line 2: is not of the form" },
		{ "too many words", "example.org a rsa active p q\n",
		  "line 1: is not of the form" },
		{ "a domain that is none", "exa_mple..org a rsa active p\n",
		  "line 1: " },
		{ "a selector that is none", "example.org a_b rsa active p\n",
		  "line 1: \"a_b\" is not a selector" },
		{ "a selector that ends in a dot",
		  "example.org a. rsa active p",
		  "line 1: \"a.\" is not a selector" },
		{ "an unknown algorithm", "example.org a dsa active p\n",
		  "line 1: algorithm must be rsa or ed25519, not \"dsa\"" },
		{ "an unknown state", "example.org a rsa on p\n",
		  "line 1: state must be prepared, active or retired, not "
		  "\"on\"" },
		{ "a selector twice",
		  "example.org a rsa active p\nexample.com a rsa active p\n"
		  "example.org A ed25519 active p\n",
		  "selector a of example.org stands twice" },
		{ "two active keys of one algorithm",
		  "example.org a rsa active p\nexample.org b rsa active p\n",
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
	static const char text[] = "example.org a rsa active p\0q\n";
	struct dkim_table table;
	struct error err;

	(void)state;
	assert_int_equal(dkim_table_parse(&table, text, sizeof(text) - 1, &err),
			 -1);
	assert_string_equal(err.text, "line 1: a NUL stands in the line");
}

static void one_active_key_of_each_algorithm_is_fine(void **state)
{
	static const char text[] = "example.org a rsa active p\n"
				   "example.org b ed25519 active p\n"
				   "example.org c rsa prepared p\n"
				   "example.org d rsa retired p\n"
				   "example.com a rsa active p\n";
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
