#include "tests/fuzz/fuzz.h"

#include "milter-dkim/mime-lines.h"
#include "tests/dkim/mended.h"

#include <string.h>

static void must_have_no_long_line(const struct buffer *body)
{
	MUST(!mime_lines_count(buffer_string(body), body->len).is_long);
}

/* Mended again it stays as it is. */
static void must_be_stable(const struct mended *once, bool convert_8bit)
{
	struct buffer wire = BUFFER_INIT, again = BUFFER_INIT;
	struct mended twice;

	mended_wire(&wire, once);
	mended_make(&twice, wire.data, wire.len, convert_8bit, 65535);
	mended_wire(&again, &twice);
	MUST(again.len == wire.len);
	MUST(memcmp(again.data, wire.data, wire.len) == 0);
	mended_release(&twice);
	buffer_release(&wire);
	buffer_release(&again);
}

static bool is_wired_alike(const struct mended *a, const struct mended *b)
{
	struct buffer left = BUFFER_INIT, right = BUFFER_INIT;
	bool alike;

	mended_wire(&left, a);
	mended_wire(&right, b);
	alike = left.len == right.len &&
		memcmp(left.data, right.data, left.len) == 0;
	buffer_release(&left);
	buffer_release(&right);
	return alike;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mended whole, pieces;
	const char *message;
	bool convert_8bit;

	if (size == 0)
		return 0;
	message = (const char *)data + 1;
	convert_8bit = (data[0] & 1) != 0;
	mended_make(&whole, message, size - 1, convert_8bit, size);
	/* Sizes that divide lines, and names of fields. */
	mended_make(&pieces, message, size - 1, convert_8bit, 1 + data[0] / 2);
	/* The same Message-ID and Date would be a wonder. */
	if (whole.done.len == pieces.done.len &&
	    strstr(buffer_string(&whole.done), "Message-ID") == NULL)
		MUST(is_wired_alike(&whole, &pieces));
	MUST(strcmp(buffer_string(&whole.done), buffer_string(&pieces.done)) ==
	     0);
	if (whole.at_risk.len == 0) {
		must_have_no_long_line(&whole.body);
		must_be_stable(&whole, convert_8bit);
	}
	mended_release(&whole);
	mended_release(&pieces);
	return 0;
}
