#include "tests/unit/test.h"

#include "admin/passwd-file.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *line;
	const char *user;     /* NULL: a comment, or refused with a reason */
	const char *password; /* or that reason */
} lines[] = {
	{ "a whole line", "anna:{CRYPT}x:1000:1000:Anna:/home/anna:/bin/sh:",
	  "anna", "{CRYPT}x" },
	{ "user and password alone", "anna:{CRYPT}x", "anna", "{CRYPT}x" },
	{ "no password", "anna:", "anna", "" },
	{ "where mail lies", "anna:x::::::userdb_quota=1  userdb_mail=mbox:~/x",
	  "anna", "x" },
	{ "an empty line", "", NULL, NULL },
	{ "a comment", "# anna:x", NULL, NULL },
	{ "a user alone", "anna", NULL, "no colon" },
	{ "no user", ":x", NULL, "no user" },
	{ "who may log in from where", "anna:x::::::allow_nets=192.0.2.0/24",
	  NULL, "its extra field allow_nets has no place" },
	{ "another user", "a@example.org:x::::::userdb_a=b user=anna", NULL,
	  "its extra field user has no place" },
	{ "a field without a value", "anna:x::::::nologin", NULL, "nologin" },
	{ "a colon in an extra field", "anna:x::::::userdb_a=b:c nologin", NULL,
	  "nologin" },
};

static void a_line_is_a_user_or_says_why_not(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		char *text = mem_strdup(lines[i].line);
		struct error err = { .text = "" };
		struct passwd_line line;
		int found = passwd_line_parse(&line, text, &err);

		(void)printf("%s\n", lines[i].name);
		if (lines[i].user != NULL) {
			assert_int_equal(found, 1);
			assert_string_equal(line.user, lines[i].user);
			assert_string_equal(line.password, lines[i].password);
		} else if (lines[i].password != NULL) {
			assert_int_equal(found, -1);
			assert_non_null(strstr(err.text, lines[i].password));
		} else {
			assert_int_equal(found, 0);
		}
		mem_free_string(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_user_or_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
