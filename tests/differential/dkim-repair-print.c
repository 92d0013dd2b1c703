/*
 * What repair makes of messages. stdin: "1" to convert 8-bit text or "0", and
 * the message, in hex on a line. stdout: for each a line, what was mended, what
 * is at risk, and the message in hex.
 */
#include "tests/differential/hex-lines.h"

#include "tests/dkim/mended.h"

static void print(const struct buffer *value)
{
	struct buffer wire = BUFFER_INIT;
	struct mended mended;
	size_t i;

	mended_make(&mended, value->data + 1, value->len - 1,
		    value->data[0] == '1', 4096);
	mended_wire(&wire, &mended);
	(void)printf("%s\t%s\t", buffer_string(&mended.done),
		     buffer_string(&mended.at_risk));
	for (i = 0; i < wire.len; i++)
		(void)printf("%02x", (unsigned char)wire.data[i]);
	(void)printf("\n");
	mended_release(&mended);
	buffer_release(&wire);
}

int main(void)
{
	return hex_lines(print);
}
