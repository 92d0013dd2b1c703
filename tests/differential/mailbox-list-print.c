/*
 * What our parser sees. stdin: values of From:, each in hex on a line. stdout:
 * for each a line, "seen" and the addresses with tabs between, or "refused"
 * and the reason. With --messages, whole ones instead: the same of each
 * From, Sender, Resent-From and Resent-Sender, after its name.
 */
#include "tests/differential/hex-lines.h"

#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/message-header.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static void print_value(const char *value, size_t len)
{
	struct mailbox_list list;
	struct error err;
	size_t i;

	if (mailbox_list_parse(&list, value, len, &err) < 0) {
		(void)printf("refused\t%s", err.text);
		return;
	}
	(void)printf("seen");
	for (i = 0; i < list.count; i++) {
		char *address = address_format(&list.mailboxes[i].address);

		(void)printf("\t%s", address);
		mem_free_string(&address);
	}
	mailbox_list_release(&list);
}

static void print_field(const struct policy_field *field)
{
	static const char *const names[] = { "From", "Sender", "Resent-From",
					     "Resent-Sender" };
	size_t i, len = strcspn(field->name, " \t");

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) != len ||
		    strncasecmp(names[i], field->name, len) != 0)
			continue;
		(void)printf("%s\t", names[i]);
		print_value(field->value, field->value_len);
		(void)printf("\t");
	}
}

static void print_message(const struct buffer *message)
{
	struct message_header header;
	size_t i;

	message_header_split(&header, buffer_string(message), message->len);
	for (i = 0; i < header.count; i++)
		print_field(&header.fields[i]);
	(void)printf("\n");
	message_header_release(&header);
}

static void print_line(const struct buffer *value)
{
	print_value(buffer_string(value), value->len);
	(void)printf("\n");
}

int main(int argc, char **argv)
{
	bool whole = argc == 2 && strcmp(argv[1], "--messages") == 0;

	return hex_lines(whole ? print_message : print_line);
}
