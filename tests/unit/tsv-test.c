#include "tests/unit/test.h"

#include "admin/record.h"
#include "admin/tsv.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *line;
	const char *again; /* as it is written; NULL: refused */
} lines[] = {
	{ "an account", "account\tanna\tenabled\t{CRYPT}x",
	  "account\tanna\tenabled\t{CRYPT}x\n" },
	{ "empty fields at the end", "account\tanna\t\t", "account\tanna\n" },
	{ "an empty field before another", "domain\texample.org\t\tx",
	  "domain\texample.org\t\tx\n" },
	{ "what is escaped", "group\ta\\tb\\nc\\rd\\\\e",
	  "group\ta\\tb\\nc\\rd\\\\e\n" },
	{ "a line that is empty", "", "" },
	{ "a comment", "# account\tanna", "" },
	{ "nothing but a tab", "\t", NULL },
	{ "another noun", "Account\tanna", NULL },
	{ "no fields", "address", NULL },
	{ "a field too few", "address\ta@example.org", NULL },
	{ "a field that must not be empty", "address\t\tanna", NULL },
	{ "a field too many", "member\ta\tb\tc", NULL },
	{ "an empty field too many", "member\ta\tb\t", NULL },
	{ "a backslash at the end", "group\ta\\", NULL },
	{ "a backslash before another letter", "group\t\\x41", NULL },
};

static void a_line_is_read_and_written_again(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		char *line = mem_strdup(lines[i].line);
		struct buffer text = BUFFER_INIT;
		struct error err = { .text = "" };
		struct record record;
		int found;

		(void)printf("%s\n", lines[i].name);
		found = tsv_parse(&record, line, &err);
		assert_int_equal(found < 0, lines[i].again == NULL);
		assert_int_equal(found < 0, err.text[0] != '\0');
		if (found > 0)
			tsv_append(&text, &record);
		if (found >= 0)
			assert_string_equal(buffer_string(&text),
					    lines[i].again);
		buffer_release(&text);
		mem_free_string(&line);
	}
}

static void the_header_names_every_field_in_comments(void **state)
{
	struct buffer text = BUFFER_INIT;
	size_t i, lines_in_it = 0;

	(void)state;
	tsv_append_header(&text);
	assert_int_equal(
		strncmp(text.data, TSV_HEADER "\n", strlen(TSV_HEADER "\n")),
		0);
	for (i = 0; i < text.len; i++)
		lines_in_it += text.data[i] == '\n';
	assert_int_equal(lines_in_it, 1 + RECORD_KIND_COUNT);
	assert_non_null(strstr(text.data, "\n# address\taddress\taccount\n"));
	buffer_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_read_and_written_again),
		cmocka_unit_test(the_header_names_every_field_in_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
