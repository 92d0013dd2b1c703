/*
 * Whose results our reader takes fields for. stdin: values of
 * Authentication-Results, each in hex on a line. stdout: for each a line, "id"
 * and what it reads, or "refused" and the reason.
 */
#include "tests/differential/hex-lines.h"

#include "common/authserv-id.h"
#include "common/error.h"
#include "common/mem.h"

static void print(const struct buffer *value)
{
	struct error err;
	char *id;

	if (authserv_id_parse(&id, buffer_string(value), value->len, &err) <
	    0) {
		(void)printf("refused\t%s\n", err.text);
		return;
	}
	(void)printf("id\t%s\n", id);
	mem_free_string(&id);
}

int main(void)
{
	return hex_lines(print);
}
