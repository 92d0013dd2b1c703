#include "tests/unit/test.h"

#include "admin/master-cf.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

#define SMTPD "submission inet n - y - - smtpd"

static void parse(struct master_cf *cf, const char *text)
{
	struct error err;

	assert_int_equal(master_cf_parse(cf, text, &err), 0);
}

static void services_and_their_settings_are_found(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *value; /* of the setting "a"; NULL: none */
	} cases[] = {
		{ "on the service's line", SMTPD " -o a=b -v\n", "b" },
		{ "on a line of its own", SMTPD "\n  -o a=b\n", "b" },
		{ "behind a comment and an empty line",
		  SMTPD "\n# -o a=x\n\n \t\n  # b\n\t-o a=b", "b" },
		{ "in braces", SMTPD "\n  -o { a = b, c }\n", "b, c" },
		{ "in braces over lines, a comment between",
		  SMTPD "\n  -o { a =\n    b,\n# {\n    c }\n", "b,    c" },
		{ "with braces in its value", SMTPD " -o a={b,{c}}d\n",
		  "{b,{c}}d" },
		{ "with nothing as its value", SMTPD " -o a=\n", "" },
		{ "of two the last", SMTPD " -o a=b -o a=c\n", "c" },
		{ "without a space behind -o", SMTPD " -oa=b\n", "b" },
		{ "behind another letter", SMTPD " -vo a=b\n", "b" },
		{ "the argument of another letter is none",
		  SMTPD " -no -o c=d\n", NULL },
		{ "behind another letter and its argument",
		  SMTPD " -n x -o a=b\n", "b" },
		{ "the argument of another letter stands for itself",
		  SMTPD " -n -o a=b\n", NULL },
		{ "before arguments, which may look like it",
		  SMTPD " -o a=b argv=sendmail -oi -o a=c { -o\n", "b" },
		{ "behind the end of options", SMTPD " -- -o a=b\n", NULL },
		{ "its argument on the next line", SMTPD " -o\n a=b\n", "b" },
		{ "a comment is none", SMTPD "\n#  -o a=b\n", NULL },
		{ "of another service",
		  SMTPD "\nsmtp inet n - y - - smtpd\n -o a=b\n", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct master_cf_option *option;
		struct master_cf cf;

		print_message("%s\n", cases[i].name);
		parse(&cf, cases[i].text);
		assert_string_equal(cf.services[0].command, "smtpd");
		option = master_cf_option(
			master_cf_find(&cf, "submission", "inet"), "a");
		assert_int_equal(option != NULL, cases[i].value != NULL);
		if (option != NULL)
			assert_string_equal(option->value, cases[i].value);
		master_cf_release(&cf);
	}
}

static void what_postfix_would_not_take_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "too few fields", "\nsmtp inet n\n", "line 2: a service" },
		{ "-o without argument", SMTPD " -o\n",
		  "line 1: -o of submission" },
		{ "-o without value", SMTPD "\n -o a\n",
		  "line 2: -o of submission" },
		{ "-o without name", SMTPD " -o =b\n",
		  "line 1: -o of submission" },
		{ "an open brace", SMTPD " -o { a = b\n",
		  "line 1: -o of submission" },
		{ "an open brace in a value", SMTPD " -o a={b -o c=d\n",
		  "line 1: -o of submission" },
		{ "an open brace anywhere", SMTPD "\n -v{ -o a=b\n",
		  "line 2: a brace of submission" },
		{ "an open brace behind another letter", SMTPD " -n { -o a=b\n",
		  "line 1: -n of submission" },
		{ "another letter without its argument", SMTPD " -vn\n",
		  "line 1: -n of submission" },
		{ "braces without a word of their own", SMTPD " -o{ a = b }\n",
		  "line 1: -o of submission" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct master_cf cf;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(master_cf_parse(&cf, cases[i].text, &err), -1);
		assert_non_null(strstr(err.text, cases[i].reason));
		assert_null(cf.services);
	}
}

static void text_that_begins_with_white_space_is_no_service(void **state)
{
	struct master_cf cf;

	(void)state;
	parse(&cf, "  lost words\n" SMTPD "\n");
	assert_int_equal(cf.count, 1);
	master_cf_release(&cf);
}

static void a_setting_is_put_in_replaced_and_taken_out(void **state)
{
	static const struct {
		const char *name;
		const char *before;
		const char *argument; /* for a */
		const char *after;
	} cases[] = {
		{ "put in behind the last line", SMTPD "\nx unix n - n - 0 y\n",
		  " a=b", SMTPD "\n  -o a=b\nx unix n - n - 0 y\n" },
		{ "put in as others look", SMTPD "\n\t-o c=d\n# -o e=f\n",
		  " a=b", SMTPD "\n\t-o c=d\n\t-o a=b\n# -o e=f\n" },
		{ "put in where the file has no last LF", SMTPD, " { a = b }",
		  SMTPD "\n  -o { a = b }" },
		{ "replaced in its place", SMTPD " -o a=x -o c=d\n",
		  " { a = b }", SMTPD " -o { a = b } -o c=d\n" },
		{ "replaced where it stands close", SMTPD " -oa=x\n",
		  " { a = b }", SMTPD " -o { a = b }\n" },
		{ "taken out with its lines",
		  SMTPD "\n  -o c=d\n  -o { a =\n  b }\n  -o e=f\n", NULL,
		  SMTPD "\n  -o c=d\n  -o e=f\n" },
		{ "taken out of a line", SMTPD " -o a=x -o c=d\n", NULL,
		  SMTPD " -o c=d\n" },
		{ "taken out of a line's end", SMTPD " -o c=d -o a=x\n", NULL,
		  SMTPD " -o c=d\n" },
		{ "taken out where it is not", SMTPD "\n", NULL, SMTPD "\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct master_cf cf;
		char *after;

		print_message("%s\n", cases[i].name);
		parse(&cf, cases[i].before);
		after = master_cf_set(cases[i].before, &cf.services[0], "a",
				      cases[i].argument);
		assert_string_equal(after, cases[i].after);
		mem_free_string(&after);
		master_cf_release(&cf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_and_their_settings_are_found),
		cmocka_unit_test(what_postfix_would_not_take_is_refused),
		cmocka_unit_test(
			text_that_begins_with_white_space_is_no_service),
		cmocka_unit_test(a_setting_is_put_in_replaced_and_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
