#include "tests/fuzz/fuzz.h"

#include "common/buffer.h"
#include "common/encoded-word.h"
#include "common/error.h"
#include "common/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool is_utf8(const char *text, size_t len)
{
	const char *end = text + len;
	size_t used;

	for (; text < end; text += used) {
		if (utf8_decode(text, &used) == UTF8_INVALID)
			return false;
	}
	return true;
}

/* How many, as encoded_word_skip() sees them from the left. */
static size_t count_words(const char *text, size_t len)
{
	const char *end = text + len, *behind;
	size_t count = 0;

	while ((text = memmem(text, (size_t)(end - text), "=?", 2)) != NULL) {
		behind = encoded_word_skip(text, end);
		MUST(behind == NULL || (behind >= text + 7 && behind <= end));
		count += behind != NULL;
		text = behind != NULL ? behind : text + 1;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer text = BUFFER_INIT, decoded = BUFFER_INIT;
	struct error err = { .text = "" };
	size_t words;
	int result;

	buffer_append_bytes(&text, data, size);
	words = count_words(text.data, text.len);
	result = encoded_word_decode(&decoded, text.data, text.len, &err);
	MUST((result < 0) == (err.text[0] != '\0'));
	MUST(decoded.len <= 3 * text.len);
	if (words == 0) {
		MUST(result == 0 && decoded.len == text.len);
		MUST(memcmp(buffer_string(&decoded), text.data, text.len) == 0);
	}
	if (is_utf8(text.data, text.len))
		MUST(is_utf8(buffer_string(&decoded), decoded.len));
	/* What is decoded stays as it is. */
	if (result == 0)
		MUST(count_words(buffer_string(&decoded), decoded.len) == 0);
	buffer_release(&text);
	buffer_release(&decoded);
	return 0;
}
