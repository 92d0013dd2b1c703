#include "tests/unit/test.h"

#include "common/buffer.h"
#include "milter-dkim/canon.h"
#include "tests/dkim/canon-reference.h"

#include <stdlib.h>
#include <string.h>

static void collect(void *context, const void *data, size_t len)
{
	buffer_append_bytes(context, data, len);
}

static const struct {
	const char *name;
	const char *body;
	const char *simple;
	const char *relaxed;
} bodies[] = {
	{ "an empty body", "", "\r\n", "" },
	{ "one empty line", "\r\n", "\r\n", "" },
	{ "empty lines alone", "\r\n\r\n\r\n", "\r\n", "" },
	{ "the example of RFC 6376 3.4.5", " C \r\nD \t E\r\n\r\n\r\n",
	  " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
	{ "no last line end", "abc", "abc\r\n", "abc\r\n" },
	{ "white space and no last line end", "abc \t", "abc \t\r\n",
	  "abc\r\n" },
	{ "a line of white space at the end", "abc\r\n \t\r\n\r\n",
	  "abc\r\n \t\r\n", "abc\r\n" },
	{ "white space alone", " \t ", " \t \r\n", "" },
	{ "empty lines before text", "\r\n\r\nabc\r\n", "\r\n\r\nabc\r\n",
	  "\r\n\r\nabc\r\n" },
	{ "a lone CR is text", "a \r b\r", "a \r b\r\r\n", "a \r b\r\r\n" },
	{ "a lone LF is text", "a \n\nb\n", "a \n\nb\n\r\n", "a \n\nb\n\r\n" },
	{ "CR CR LF ends a line behind a CR", "a \r\r\n\r\n", "a \r\r\n",
	  "a \r\r\n" },
	{ "VT and FF are no white space", "a\v\f \v\r\n", "a\v\f \v\r\n",
	  "a\v\f \v\r\n" },
	{ "8-bit text", "\xc3\xa4  \xff\r\n", "\xc3\xa4  \xff\r\n",
	  "\xc3\xa4 \xff\r\n" },
};

static void canonicalise(struct buffer *out, enum canon canon, const char *text,
			 size_t len, size_t piece)
{
	struct canon_body body;
	size_t i;

	buffer_clear(out);
	canon_body_init(&body, canon, collect, out);
	for (i = 0; i < len; i += piece)
		canon_body_update(&body, text + i,
				  piece < len - i ? piece : len - i);
	canon_body_finish(&body);
}

static void bodies_are_canonical_whatever_the_pieces(void **state)
{
	struct buffer out = BUFFER_INIT;
	size_t i, piece;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		size_t len = strlen(bodies[i].body);

		print_message("%s\n", bodies[i].name);
		for (piece = 1; piece <= len + 1; piece++) {
			canonicalise(&out, CANON_SIMPLE, bodies[i].body, len,
				     piece);
			assert_string_equal(buffer_string(&out),
					    bodies[i].simple);
			canonicalise(&out, CANON_RELAXED, bodies[i].body, len,
				     piece);
			assert_string_equal(buffer_string(&out),
					    bodies[i].relaxed);
		}
	}
	buffer_release(&out);
}

/* Few letters, so that every order of them comes up. */
static size_t random_text(char *text, size_t max, unsigned int *seed)
{
	static const char letters[] = "ab  \t\r\r\n\n";
	size_t len = (size_t)rand_r(seed) % max, i;

	for (i = 0; i < len; i++) {
		if (rand_r(seed) % 3 == 0 && i + 1 < len) {
			text[i++] = '\r';
			text[i] = '\n';
		} else {
			text[i] = letters[(size_t)rand_r(seed) %
					  (sizeof(letters) - 1)];
		}
	}
	return len;
}

static void random_bodies_equal_the_plain_reference(void **state)
{
	struct buffer out = BUFFER_INIT, expected = BUFFER_INIT;
	unsigned int seed = 1;
	char text[64];
	int round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		enum canon canon =
			round % 2 == 0 ? CANON_SIMPLE : CANON_RELAXED;
		size_t len = random_text(text, sizeof(text), &seed);
		size_t piece = 1 + (size_t)rand_r(&seed) % 8;

		canonicalise(&out, canon, text, len, piece);
		buffer_clear(&expected);
		canon_reference_body(&expected, canon, text, len);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(buffer_string(&out),
				    buffer_string(&expected), out.len);
	}
	buffer_release(&out);
	buffer_release(&expected);
}

static void random_headers_equal_the_plain_reference(void **state)
{
	struct buffer out = BUFFER_INIT, expected = BUFFER_INIT;
	unsigned int seed = 3;
	char text[64];
	int round;

	(void)state;
	for (round = 0; round < 100000; round++) {
		enum canon canon =
			round % 2 == 0 ? CANON_SIMPLE : CANON_RELAXED;
		size_t len = random_text(text, sizeof(text), &seed);

		buffer_clear(&out);
		buffer_clear(&expected);
		canon_header(&out, canon, "Subject ", text, len);
		canon_reference_header(&expected, canon, "Subject ", text, len);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.data, expected.data, out.len);
	}
	buffer_release(&out);
	buffer_release(&expected);
}

static void a_body_larger_than_any_buffer_stays_whole(void **state)
{
	const size_t len = 300000;
	struct buffer out = BUFFER_INIT, expected = BUFFER_INIT;
	char *text = malloc(len);
	unsigned int seed = 2;
	size_t used = 0;

	(void)state;
	assert_non_null(text);
	while (used < len - 64)
		used += random_text(text + used, 64, &seed);
	memset(text + 1000, 'x', 20000);
	canonicalise(&out, CANON_RELAXED, text, used, 65535);
	canon_reference_body(&expected, CANON_RELAXED, text, used);
	assert_int_equal(out.len, expected.len);
	assert_memory_equal(out.data, expected.data, out.len);
	free(text);
	buffer_release(&out);
	buffer_release(&expected);
}

static void headers_are_canonical(void **state)
{
	static const struct {
		const char *name;
		const char *field, *value;
		const char *simple;
		const char *relaxed;
	} cases[] = {
		{ "RFC 6376 3.4.5, first", "A", " X", "A: X\r\n", "a:X\r\n" },
		{ "RFC 6376 3.4.5, second", "B ", " Y\t\r\n\tZ  ",
		  "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n" },
		{ "a fold as the MTA shows it", "Subject", " a\n b",
		  "Subject: a\r\n b\r\n", "subject:a b\r\n" },
		{ "no value", "Subject", "", "Subject:\r\n", "subject:\r\n" },
		{ "white space alone", "Subject", " \t\n ",
		  "Subject: \t\r\n \r\n", "subject:\r\n" },
		{ "no leading space", "Subject", "a", "Subject:a\r\n",
		  "subject:a\r\n" },
		{ "VT and FF are text", "X", " \va\f ", "X: \va\f \r\n",
		  "x:\va\f\r\n" },
		{ "a lone CR is text", "X", " a\rb", "X: a\rb\r\n",
		  "x:a\rb\r\n" },
		{ "8-bit text stays, also in names", "X-\xc3\x84", " \xc3\x84",
		  "X-\xc3\x84: \xc3\x84\r\n", "x-\xc3\x84:\xc3\x84\r\n" },
	};
	struct buffer out = BUFFER_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].name);
		canon_header(&out, CANON_SIMPLE, cases[i].field, cases[i].value,
			     strlen(cases[i].value));
		assert_string_equal(buffer_string(&out), cases[i].simple);
		buffer_clear(&out);
		canon_header(&out, CANON_RELAXED, cases[i].field,
			     cases[i].value, strlen(cases[i].value));
		assert_string_equal(buffer_string(&out), cases[i].relaxed);
		buffer_clear(&out);
	}
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_canonical_whatever_the_pieces),
		cmocka_unit_test(random_bodies_equal_the_plain_reference),
		cmocka_unit_test(random_headers_equal_the_plain_reference),
		cmocka_unit_test(a_body_larger_than_any_buffer_stays_whole),
		cmocka_unit_test(headers_are_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
