#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/message-header.h"

#include <stdlib.h>
#include <string.h>

/* Fields as "name[value]", folds as '|'. */
static char *show(const char *message, size_t len)
{
	struct buffer text = BUFFER_INIT;
	struct message_header header;
	size_t i, k;

	message_header_split(&header, message, len);
	for (i = 0; i < header.count; i++) {
		const struct policy_field *field = &header.fields[i];

		buffer_printf(&text, "%s[", field->name);
		for (k = 0; k < field->value_len; k++)
			buffer_append_char(&text, field->value[k] == '\n'
							  ? '|'
							  : field->value[k]);
		buffer_append_char(&text, ']');
	}
	message_header_release(&header);
	return buffer_steal(&text);
}

static void a_header_is_split_as_postfix_splits_it(void **state)
{
#define TEXT(text) text, sizeof(text) - 1
	static const struct {
		const char *name;
		const char *message;
		size_t len;
		const char *fields;
	} cases[] = {
		{ "fields end at the empty line", TEXT("A: 1\nB:2\n\nC: 3\n"),
		  "A[ 1]B[2]" },
		{ "CRLF ends a line too", TEXT("A: 1\r\nB: 2\r\n\r\nC: 3\r\n"),
		  "A[ 1]B[ 2]" },
		{ "an empty message has no field", TEXT(""), "" },
		{ "a body alone has no field", TEXT("\nFrom: a\n"), "" },
		{ "the last line needs no end", TEXT("A: 1"), "A[ 1]" },
		{ "an empty value", TEXT("A:\n\n"), "A[]" },
		{ "folds stay, blank ones too",
		  TEXT("A: 1\n 2\n\t\n 3\nB: 4\n"), "A[ 1| 2|\t| 3]B[ 4]" },
		{ "white space before the colon is no part of the name",
		  TEXT("A: 1\nFrom : a\nFrom\t: b\n"),
		  "A[ 1]From[ a]From[ b]" },
		{ "unless it comes first and looks like an mbox separator",
		  TEXT("From : a\nFrom\t: b\n"), "From[ b]" },
		{ "a bare LF ends a field, so From stands twice",
		  TEXT("From: a\r\nX: 1\nFrom: b\r\n"),
		  "From[ a]X[ 1]From[ b]" },
		{ "a stray CR is a space", TEXT("From: <a>\rFrom: <b>\nX: 1\n"),
		  "From[ <a> From: <b>]X[ 1]" },
		{ "CRs before a line's end are dropped",
		  TEXT("A: 1\r\r\r\nB: 2\n"), "A[ 1]B[ 2]" },
		{ "a stray CR at a line's start is a fold",
		  TEXT("A: 1\n\rFrom: b\nB: 2\n"), "A[ 1| From: b]B[ 2]" },
		{ "a stray CR at the start folds into Postfix's own Received",
		  TEXT("\rFrom: a\nFrom: b\n"), "From[ b]" },
		{ "a first line that begins with a space ends the header",
		  TEXT(" From: a\nFrom: b\n"), "" },
		{ "a name cut by a fold ends the header",
		  TEXT("A: 1\nFrom\r\n : a\nB: 2\n"), "A[ 1]" },
		{ "a NUL in a name ends the header",
		  TEXT("A: 1\nFr\0om: a\nB: 2\n"), "A[ 1]" },
		{ "a NUL ends a line's value, not the folds after it",
		  TEXT("A: 1\0 2\n 3\nB: 4\n"), "A[ 1| 3]B[ 4]" },
		{ "a line that is no field ends the header",
		  TEXT("A: 1\ngarbage\nB: 2\n"), "A[ 1]" },
		{ "a space inside the name ends the header",
		  TEXT("A: 1\nFr om: a\nB: 2\n"), "A[ 1]" },
		{ "a colon without name ends the header",
		  TEXT("A: 1\n: a\nB: 2\n"), "A[ 1]" },
		{ "a name that is not ASCII ends the header",
		  TEXT("A: 1\nFr\xc3\xb6m: a\nB: 2\n"), "A[ 1]" },
		{ "8-bit values stay as they are", TEXT("A: \xc3\xb6\xff\n"),
		  "A[ \xc3\xb6\xff]" },
		{ "an mbox separator is passed over",
		  TEXT("From a Mon Jan  1\n>From b\nA: 1\n"), "A[ 1]" },
		{ "but not after a field", TEXT("A: 1\nFrom a Mon\nB: 2\n"),
		  "A[ 1]" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *fields = show(cases[i].message, cases[i].len);

		print_message("%s\n", cases[i].name);
		assert_string_equal(fields, cases[i].fields);
		free(fields);
	}
}

static void fill(struct buffer *message, const char *start, char c,
		 size_t count, const char *end)
{
	size_t i;

	buffer_append_string(message, start);
	for (i = 0; i < count; i++)
		buffer_append_char(message, c);
	buffer_append_string(message, end);
}

static void a_name_of_over_2_kb_ends_the_header(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct message_header header;

	(void)state;
	fill(&message, "A: 1\n", 'X', 2047, ": a\nB: 2\n");
	message_header_split(&header, message.data, message.len);
	assert_int_equal(header.count, 3);
	message_header_release(&header);

	buffer_clear(&message);
	fill(&message, "A: 1\n", 'X', 2048, ": a\nB: 2\n");
	message_header_split(&header, message.data, message.len);
	assert_int_equal(header.count, 1);
	message_header_release(&header);
	buffer_release(&message);
}

static void a_field_is_cut_at_the_size_limit(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct message_header header;

	(void)state;
	fill(&message, "From:", 'a', 200000, "\n more\nB: 2\n");
	message_header_split(&header, message.data, message.len);
	assert_int_equal(header.count, 2);
	/* The piece that reaches the limit is the last that is kept. */
	assert_true(header.fields[0].value_len >= 102400 - 5);
	assert_true(header.fields[0].value_len < 102400 + 2048);
	assert_string_equal(header.fields[1].name, "B");
	message_header_release(&header);
	buffer_release(&message);
}

static void a_crlf_across_two_pieces_is_one_line_end(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct message_header header;

	(void)state;
	fill(&message, "A:", 'x', 2048 - 3, "\r\nB: 2\n");
	message_header_split(&header, message.data, message.len);
	assert_int_equal(header.count, 2);
	assert_int_equal(header.fields[0].value_len, 2048 - 3);
	message_header_release(&header);
	buffer_release(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_split_as_postfix_splits_it),
		cmocka_unit_test(a_name_of_over_2_kb_ends_the_header),
		cmocka_unit_test(a_field_is_cut_at_the_size_limit),
		cmocka_unit_test(a_crlf_across_two_pieces_is_one_line_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
