/*
 * Canonicalises bodies for dkimpy-canon.py. Standard input holds cases: a line
 * "simple|relaxed LENGTH PIECE", then LENGTH octets. For each, a line with the
 * length of the canonical body and that body go to standard output.
 */
#include "common/buffer.h"
#include "milter-dkim/canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void collect(void *context, const void *data, size_t len)
{
	buffer_append_bytes(context, data, len);
}

static int run_case(const char *word, size_t len, size_t piece)
{
	enum canon canon =
		strcmp(word, "relaxed") == 0 ? CANON_RELAXED : CANON_SIMPLE;
	struct buffer out = BUFFER_INIT;
	struct canon_body body;
	char *data = malloc(piece);
	int status = EX_OK;

	if (data == NULL)
		return EX_OSERR;
	canon_body_init(&body, canon, collect, &out);
	while (len > 0 && status == EX_OK) {
		size_t wanted = piece < len ? piece : len;

		if (fread(data, 1, wanted, stdin) != wanted)
			status = EX_DATAERR;
		else
			canon_body_update(&body, data, wanted);
		len -= wanted;
	}
	canon_body_finish(&body);
	(void)printf("%zu\n", out.len);
	(void)fwrite(buffer_string(&out), 1, out.len, stdout);
	buffer_release(&out);
	free(data);
	return status;
}

int main(void)
{
	char line[128];
	int status = EX_OK;

	while (status == EX_OK && fgets(line, sizeof(line), stdin) != NULL) {
		char *rest = line;
		const char *word = strsep(&rest, " ");
		const char *len = strsep(&rest, " ");
		const char *piece = strsep(&rest, " ");

		if (len == NULL || piece == NULL)
			return EX_DATAERR;
		status = run_case(word, strtoul(len, NULL, 10),
				  strtoul(piece, NULL, 10));
	}
	return status;
}
