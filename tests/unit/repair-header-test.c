#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "milter-dkim/repair-header.h"

#include <stdlib.h>
#include <string.h>

/* So many copies of the text, between the others; the caller's to free. */
static char *
repeat(const char *before, const char *text, size_t count, const char *after)
{
	struct buffer value = BUFFER_INIT;

	buffer_append_string(&value, before);
	while (count-- > 0)
		buffer_append_string(&value, text);
	buffer_append_string(&value, after);
	return buffer_steal(&value);
}

static void
assert_folded(const char *name, const char *value, const char *expected)
{
	struct buffer folded = BUFFER_INIT;

	assert_true(repair_fold(&folded, name, value, strlen(value)));
	assert_string_equal(buffer_string(&folded), expected);
	buffer_release(&folded);
}

/* Without its folds it is what it was, and no line is too long or empty. */
static void
assert_same_but_folded(const char *name, const char *value, size_t columns)
{
	struct buffer folded = BUFFER_INIT;
	size_t from, to = 0, begin = 0, prefix = strlen(name) + 1;

	assert_true(repair_is_long(name, value, strlen(value)));
	assert_true(repair_fold(&folded, name, value, strlen(value)));
	assert_false(repair_is_long(name, folded.data, folded.len));
	for (from = 0; from <= folded.len; from++) {
		if (folded.data[from] == '\n' || from == folded.len) {
			assert_in_range(prefix + from - begin, 1, columns);
			assert_true(strspn(folded.data + begin, " \t") <
				    from - begin);
			begin = from + 1;
			prefix = 0;
		}
		if (folded.data[from] != '\n')
			folded.data[to++] = folded.data[from];
	}
	assert_string_equal(folded.data, value);
	buffer_release(&folded);
}

static void a_line_is_long_from_999_octets_on_with_its_name(void **state)
{
	static const struct {
		const char *name; /* of the case */
		size_t words;	  /* "Subject:" and " abcde" each */
		const char *after;
		bool is_long;
	} table[] = {
		{ "998", 165, "", false },
		{ "999", 165, "x", true },
		{ "a fold in it", 165, "\n x", false },
		{ "a CRLF fold in it", 165, "\r\n x", false },
		{ "998 and a long line behind it", 100, "\n ", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *value =
			repeat("", " abcde", table[i].words, table[i].after);

		print_message("# %s\n", table[i].name);
		assert_int_equal(
			repair_is_long("Subject", value, strlen(value)),
			table[i].is_long);
		mem_free_string(&value);
	}
}

static void words_are_folded_to_78_columns(void **state)
{
	char *value = repeat("", " one two\tthree  four", 100, "");

	(void)state;
	assert_same_but_folded("Subject", value, 78);
	mem_free_string(&value);
}

static void addresses_are_folded_between_each_other(void **state)
{
	char *value = repeat("", " \"A B\" <a.b@example.net>,", 200,
			     " <c@example.net>");

	(void)state;
	assert_same_but_folded("To", value, 78);
	mem_free_string(&value);
}

static void white_space_at_the_end_gets_no_line_of_its_own(void **state)
{
	char *value = repeat("", " word", 300, "   \t  ");

	(void)state;
	assert_same_but_folded("Subject", value, 90);
	mem_free_string(&value);
}

static void a_long_word_stands_in_a_line_of_its_own(void **state)
{
	char *value = repeat(" short ", "x", 900, " word word word word");
	char *more = repeat(value, " more", 30, "");

	(void)state;
	assert_same_but_folded("References", more, 901);
	mem_free_string(&value);
	mem_free_string(&more);
}

static void lines_that_are_short_enough_stay_as_they_are(void **state)
{
	char *value = repeat(" one two\n\t", "abcd ", 100, "end\n ");
	char *long_value = repeat(value, "abcd ", 200, "end");
	struct buffer folded = BUFFER_INIT;

	(void)state;
	assert_true(repair_fold(&folded, "To", long_value, strlen(long_value)));
	assert_memory_equal(folded.data, value, strlen(value));
	buffer_release(&folded);
	mem_free_string(&value);
	mem_free_string(&long_value);
}

static void a_word_without_end_is_cut_where_postfix_would_cut_it(void **state)
{
	char *value = repeat(" ", "x", 2000, "");
	char *first = repeat(" ", "x", 989, "\n ");
	char *second = repeat(first, "x", 997, "\n ");
	char *expected = repeat(second, "x", 14, "");

	(void)state;
	assert_folded("Subject", value, expected);
	mem_free_string(&value);
	mem_free_string(&first);
	mem_free_string(&second);
	mem_free_string(&expected);
}

static void a_cut_does_not_divide_a_character(void **state)
{
	char *value = repeat(" ", "\xc3\xa4", 600, "");
	char *first = repeat(" ", "\xc3\xa4", 494, "\n ");
	char *expected = repeat(first, "\xc3\xa4", 106, "");

	(void)state;
	assert_folded("Subject", value, expected);
	mem_free_string(&value);
	mem_free_string(&first);
	mem_free_string(&expected);
}

static void a_field_that_would_get_too_large_loses_its_end(void **state)
{
	char *value = repeat("", " abcde", 9990, "");
	struct buffer folded = BUFFER_INIT;

	(void)state;
	assert_true(strlen(value) < REPAIR_FIELD_MAX);
	buffer_append_string(&folded, "before");
	assert_false(repair_fold(&folded, "Subject", value, strlen(value)));
	assert_memory_equal(buffer_string(&folded), "before abcde", 12);
	assert_in_range(strlen("Subject:") + folded.len - strlen("before"),
			REPAIR_FIELD_MAX - 78, REPAIR_FIELD_MAX);
	assert_int_not_equal(folded.data[folded.len - 1], '\n');
	buffer_release(&folded);
	mem_free_string(&value);
}

static void a_date_is_written_in_utc_and_in_english(void **state)
{
	static const struct {
		const char *name;
		time_t now;
		const char *expected;
	} table[] = {
		{ "the epoch", 0, " Thu, 1 Jan 1970 00:00:00 +0000" },
		{ "a leap day", 1709210096,
		  " Thu, 29 Feb 2024 12:34:56 +0000" },
		{ "this year", 1795343021, " Sun, 22 Nov 2026 10:23:41 +0000" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buffer date = BUFFER_INIT;

		print_message("# %s\n", table[i].name);
		repair_date(&date, table[i].now);
		assert_string_equal(buffer_string(&date), table[i].expected);
		buffer_release(&date);
	}
}

static void no_two_message_ids_are_alike(void **state)
{
	struct buffer one = BUFFER_INIT, two = BUFFER_INIT;

	(void)state;
	assert_int_equal(repair_message_id(&one, "mail.example.org"), 0);
	assert_int_equal(repair_message_id(&two, "mail.example.org"), 0);
	assert_string_not_equal(one.data, two.data);
	assert_int_equal(one.len, strlen(" <@mail.example.org>") + 32);
	assert_int_equal(strspn(one.data + 2, "0123456789abcdef"), 32);
	assert_string_equal(one.data + 34, "@mail.example.org>");
	buffer_release(&one);
	buffer_release(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_line_is_long_from_999_octets_on_with_its_name),
		cmocka_unit_test(words_are_folded_to_78_columns),
		cmocka_unit_test(addresses_are_folded_between_each_other),
		cmocka_unit_test(
			white_space_at_the_end_gets_no_line_of_its_own),
		cmocka_unit_test(a_long_word_stands_in_a_line_of_its_own),
		cmocka_unit_test(lines_that_are_short_enough_stay_as_they_are),
		cmocka_unit_test(
			a_word_without_end_is_cut_where_postfix_would_cut_it),
		cmocka_unit_test(a_cut_does_not_divide_a_character),
		cmocka_unit_test(
			a_field_that_would_get_too_large_loses_its_end),
		cmocka_unit_test(a_date_is_written_in_utc_and_in_english),
		cmocka_unit_test(no_two_message_ids_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
