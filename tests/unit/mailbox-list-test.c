#include "tests/unit/test.h"

#include "tests/unit/table.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static char *addresses_of(const struct mailbox_list *list)
{
	struct buffer text = BUFFER_INIT;
	size_t i;

	for (i = 0; i < list->count; i++) {
		char *address = address_format(&list->mailboxes[i].address);

		buffer_printf(&text, "%s%s", i > 0 ? " " : "", address);
		mem_free_string(&address);
	}
	return buffer_steal(&text);
}

static void check_accepted(const struct buffer *value, const char *addresses,
			   const char *name)
{
	struct buffer wanted = BUFFER_INIT;
	struct mailbox_list list;
	struct error err = { .text = "" };
	char *seen;

	if (mailbox_list_parse(&list, value->data, value->len, &err) < 0)
		fail_msg("refused: %s", err.text);
	table_unescape(&wanted, addresses);
	seen = addresses_of(&list);
	assert_string_equal(seen, buffer_string(&wanted));
	mem_free_string(&seen);
	buffer_clear(&wanted);
	if (name != NULL && name[0] != '\0') {
		table_unescape(&wanted, name);
		assert_non_null(list.mailboxes[0].name);
		assert_string_equal(list.mailboxes[0].name,
				    buffer_string(&wanted));
	} else {
		assert_null(list.mailboxes[0].name);
	}
	buffer_release(&wanted);
	mailbox_list_release(&list);
}

static void check_refused(const struct buffer *value, const char *reason)
{
	struct mailbox_list list;
	struct error err;

	assert_int_equal(
		mailbox_list_parse(&list, value->data, value->len, &err), -1);
	assert_null(list.mailboxes);
	assert_int_equal(list.count, 0);
	assert_int_equal(err.sysexit, EX_DATAERR);
	if (strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void check_case(char *const *fields)
{
	struct buffer value = BUFFER_INIT;

	assert_non_null(fields[2]);
	buffer_append_bytes(&value, "", 0);
	table_unescape(&value, fields[1]);
	if (strcmp(fields[2], "refused") == 0) {
		assert_non_null(fields[3]);
		check_refused(&value, fields[3]);
	} else {
		check_accepted(&value, fields[2], fields[3]);
	}
	buffer_release(&value);
}

static void every_case_of_the_table_is_seen_as_it_says(void **state)
{
	(void)state;
	assert_true(table_read(TEST_DATA "/mailbox-list.tsv", check_case) >
		    100);
}

/* before, count times text, after. */
static int parse_repeated(const char *before, const char *text, size_t count,
			  const char *after, struct mailbox_list *list_r,
			  struct error *err_r)
{
	struct buffer value = BUFFER_INIT;
	int result;

	buffer_append_string(&value, before);
	while (count-- > 0)
		buffer_append_string(&value, text);
	buffer_append_string(&value, after);
	result = mailbox_list_parse(list_r, value.data, value.len, err_r);
	buffer_release(&value);
	return result;
}

static void the_number_of_addresses_is_bounded(void **state)
{
	struct mailbox_list list;
	struct error err;

	(void)state;
	assert_int_equal(
		parse_repeated("", "a@x.test,", 255, "a@x.test", &list, &err),
		0);
	assert_int_equal(list.count, 256);
	assert_int_equal(list.groups, 0);
	mailbox_list_release(&list);
	assert_int_equal(
		parse_repeated("", "a@x.test,", 256, "a@x.test", &list, &err),
		-1);
	assert_non_null(strstr(err.text, "more than 256 addresses"));
	assert_int_equal(
		parse_repeated("", "G:a@x.test;,", 9, "a@x.test", &list, &err),
		0);
	assert_int_equal(list.count, 10);
	assert_int_equal(list.groups, 9);
	mailbox_list_release(&list);
}

static void the_field_is_bounded(void **state)
{
	const size_t spaces = MAILBOX_LIST_FIELD_MAX - strlen("a@x.test");
	struct mailbox_list list;
	struct error err;

	(void)state;
	assert_int_equal(
		parse_repeated("a@x.test", " ", spaces, "", &list, &err), 0);
	mailbox_list_release(&list);
	assert_int_equal(
		parse_repeated("a@x.test", " ", spaces + 1, "", &list, &err),
		-1);
	assert_non_null(strstr(err.text, "longer than 102400 octets"));
}

/* Milliseconds each; quadratic they would take many seconds. */
static void long_fields_take_linear_time(void **state)
{
	static const struct {
		const char *name;
		const char *before, *text, *after;
		size_t count;
		int result;
	} cases[] = {
		{ "opening brackets", "", "(", "", 102400, -1 },
		{ "comments", "", "()", "a@x.test", 51000, 0 },
		{ "commas", "", ",", "", 102400, -1 },
		{ "names of one letter", "", "a ", "<a@x.test>", 51000, 0 },
		{ "names in quotes", "", "\"\"", "<a@x.test>", 51000, 0 },
		{ "blank folds", "a@x.test", "\n ", "", 51000, -1 },
		{ "folded comments", "a@x.test", "\n ()", "", 25000, 0 },
		{ "escapes", "\"", "\\\"", "\"<a@x.test>", 51000, 0 },
		{ "a long local part", "", "a", "@x.test", 102000, -1 },
		{ "a long quoted local part", "\"", "a", "\"@x.test", 102000,
		  -1 },
		{ "a long domain", "a@", "a.", "x", 51000, -1 },
		{ "encoded-words without end", "\"", "=?", "\"@x.test", 51000,
		  -1 },
		{ "marks on one letter", "a", "\xcc\x81\xcc\xa3", "@x.test",
		  25000, -1 },
		{ "colons", "a", ":", "", 102000, -1 },
		{ "groups", "", "a:", "", 51000, -1 },
		{ "angle brackets", "", "<", "", 102400, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mailbox_list list;
		struct error err;
		clock_t start = clock();

		print_message("%s\n", cases[i].name);
		assert_int_equal(parse_repeated(cases[i].before, cases[i].text,
						cases[i].count, cases[i].after,
						&list, &err),
				 cases[i].result);
		assert_true(clock() - start < CLOCKS_PER_SEC);
		mailbox_list_release(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_is_seen_as_it_says),
		cmocka_unit_test(the_number_of_addresses_is_bounded),
		cmocka_unit_test(the_field_is_bounded),
		cmocka_unit_test(long_fields_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
