/*
 * What our parser sees. stdin: values of From:, each in hex on a line. stdout:
 * for each a line, "seen" and the addresses with tabs between, or "refused"
 * and the reason.
 */
#include "common/buffer.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static int unhex(struct buffer *value, const char *line)
{
	buffer_clear(value);
	for (; line[0] != '\n' && line[0] != '\0'; line += 2) {
		const char digits[3] = { line[0], line[1], '\0' };
		char *end;

		buffer_append_char(value, (char)strtoul(digits, &end, 16));
		if (end != digits + 2)
			return -1;
	}
	return 0;
}

static void print(const struct buffer *value)
{
	struct mailbox_list list;
	struct error err;
	size_t i;

	if (mailbox_list_parse(&list, buffer_string(value), value->len, &err) <
	    0) {
		(void)printf("refused\t%s\n", err.text);
		return;
	}
	(void)printf("seen");
	for (i = 0; i < list.count; i++) {
		char *address = address_format(&list.mailboxes[i].address);

		(void)printf("\t%s", address);
		mem_free_string(&address);
	}
	(void)printf("\n");
	mailbox_list_release(&list);
}

int main(void)
{
	struct buffer value = BUFFER_INIT;
	char *line = NULL;
	size_t size = 0;
	int status = EX_OK;

	while (status == EX_OK && getline(&line, &size, stdin) > 0) {
		if (unhex(&value, line) < 0) {
			(void)fputs("mailbox-list-print: a line is not hex\n",
				    stderr);
			status = EX_DATAERR;
		} else {
			print(&value);
		}
	}
	free(line);
	buffer_release(&value);
	return status;
}
