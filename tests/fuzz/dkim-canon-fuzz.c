#include "tests/fuzz/fuzz.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "milter-dkim/canon.h"
#include "tests/dkim/canon-reference.h"

#include <string.h>

static void collect(void *context, const void *data, size_t len)
{
	buffer_append_bytes(context, data, len);
}

/* Pieces of the sizes that the pattern's octets name. */
static void canonicalise(struct buffer *out, enum canon canon, const char *text,
			 size_t len, const uint8_t *pattern, size_t count)
{
	struct canon_body body;
	size_t used = 0, i = 0;

	canon_body_init(&body, canon, collect, out);
	while (used < len) {
		size_t piece = count > 0 ? pattern[i++ % count] : len;

		if (piece > len - used)
			piece = len - used;
		canon_body_update(&body, text + used, piece);
		used += piece;
		/* A pattern of zeros would never end. */
		if (piece == 0 && i % 8 == 0)
			count = 0;
	}
	canon_body_finish(&body);
}

static void must_be_equal(struct buffer *ours, struct buffer *expected)
{
	MUST(ours->len == expected->len);
	MUST(ours->len == 0 ||
	     memcmp(ours->data, expected->data, ours->len) == 0);
	buffer_release(ours);
	buffer_release(expected);
}

static void body_must_be_as_the_reference(const char *text, size_t len,
					  enum canon canon,
					  const uint8_t *pattern, size_t count)
{
	struct buffer out = BUFFER_INIT, expected = BUFFER_INIT;

	canonicalise(&out, canon, text, len, pattern, count);
	canon_reference_body(&expected, canon, text, len);
	must_be_equal(&out, &expected);
}

/* The name is what stands before the first colon. */
static void
header_must_be_as_the_reference(const char *text, size_t len, enum canon canon)
{
	struct buffer out = BUFFER_INIT, expected = BUFFER_INIT;
	const char *colon = memchr(text, ':', len);
	size_t name_len = colon != NULL ? (size_t)(colon - text) : 0;
	char *name = mem_strndup(text, name_len);

	text += name_len;
	len -= name_len;
	canon_header(&out, canon, name, text, len);
	canon_reference_header(&expected, canon, name, text, len);
	must_be_equal(&out, &expected);
	mem_free_string(&name);
}

/* Canonical again is the same. */
static void header_must_be_stable(const char *text, size_t len)
{
	struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;

	canon_header(&once, CANON_RELAXED, "Subject", text, len);
	MUST(once.len >= 10 && memcmp(once.data, "subject:", 8) == 0);
	canon_header(&twice, CANON_RELAXED, "subject", once.data + 8,
		     once.len - 10);
	must_be_equal(&twice, &once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = size > 0 ? data[0] % 8 : 0;
	const uint8_t *pattern = data + 1;
	const char *text;
	size_t len;

	if (size < 1 + count)
		return 0;
	text = (const char *)data + 1 + count;
	len = size - 1 - count;
	body_must_be_as_the_reference(text, len, CANON_SIMPLE, pattern, count);
	body_must_be_as_the_reference(text, len, CANON_RELAXED, pattern, count);
	header_must_be_as_the_reference(text, len, CANON_SIMPLE);
	header_must_be_as_the_reference(text, len, CANON_RELAXED);
	header_must_be_stable(text, len);
	return 0;
}
