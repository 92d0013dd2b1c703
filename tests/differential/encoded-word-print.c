/*
 * What our decoder reads. stdin: texts with encoded-words, each in hex on a
 * line. stdout: for each a line, "decoded" and the text in hex, or "refused"
 * and the reason, for what policy-name.c would not look into.
 */
#include "tests/differential/hex-lines.h"

#include "common/encoded-word.h"
#include "common/error.h"
#include "common/unicode.h"

static void print(const struct buffer *value)
{
	struct buffer decoded = BUFFER_INIT;
	struct error err;
	size_t i;

	if (encoded_word_decode(&decoded, buffer_string(value), value->len,
				&err) < 0 ||
	    unicode_check_name(buffer_string(&decoded), decoded.len, &err) <
		    0) {
		(void)printf("refused\t%s\n", err.text);
	} else {
		(void)printf("decoded\t");
		for (i = 0; i < decoded.len; i++)
			(void)printf("%02x", (unsigned char)decoded.data[i]);
		(void)printf("\n");
	}
	buffer_release(&decoded);
}

int main(void)
{
	return hex_lines(print);
}
