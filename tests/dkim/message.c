#include "tests/unit/test.h"

#include "tests/dkim/message.h"

#include "tests/dkim/canon-reference.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where the body is: behind the first empty line. */
static const char *find_body(const char *text, const char *end)
{
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t len;

		if (newline == NULL)
			return end;
		len = (size_t)(newline - text);
		text = newline + 1;
		if (len == 0 || (len == 1 && newline[-1] == '\r'))
			return text;
	}
	return end;
}

void message_parse_raw(struct message *message_r, const char *text, size_t len)
{
	const char *end = text + len, *body = find_body(text, end);

	*message_r = (struct message){ .body = BUFFER_INIT };
	message_header_split(&message_r->header, text, (size_t)(body - text));
	buffer_append_bytes(&message_r->body, body, (size_t)(end - body));
}

void message_parse(struct message *message_r, const char *text, size_t len)
{
	struct buffer raw;
	size_t i;

	message_parse_raw(message_r, text, len);
	raw = message_r->body;
	message_r->body = (struct buffer)BUFFER_INIT;
	for (i = 0; i < raw.len; i++) {
		if (raw.data[i] == '\n' && (i == 0 || raw.data[i - 1] != '\r'))
			buffer_append_char(&message_r->body, '\r');
		buffer_append_char(&message_r->body, raw.data[i]);
	}
	buffer_release(&raw);
}

bool message_load(struct message *message_r, const char *path)
{
	FILE *file = fopen(path, "re");
	struct buffer text = BUFFER_INIT;
	char piece[4096];
	size_t len;

	if (file == NULL)
		return false;
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_append_bytes(&text, piece, len);
	(void)fclose(file);
	message_parse(message_r, buffer_string(&text), text.len);
	buffer_release(&text);
	return true;
}

void message_release(struct message *message)
{
	message_header_release(&message->header);
	buffer_release(&message->body);
}

void message_wire_field(struct buffer *out, const struct policy_field *field)
{
	/* Not by canon_header(): what it spoils, the oracle would get so. */
	canon_reference_header(out, CANON_SIMPLE, field->name, field->value,
			       field->value_len);
	out->len -= 2;
	out->data[out->len] = '\0';
}

char *message_tag(const char *value, const char *tag)
{
	struct buffer out = BUFFER_INIT;
	const char *c = value;

	for (;;) {
		size_t len;

		c += strspn(c, " \t\r\n");
		len = strcspn(c, "= \t\r\n");
		if (len == strlen(tag) && memcmp(c, tag, len) == 0)
			break;
		c += strcspn(c, ";");
		assert_int_equal(*c, ';');
		c++;
	}
	c = strchr(c, '=');
	assert_non_null(c);
	for (c++; *c != ';' && *c != '\0'; c++) {
		if (strchr(" \t\r\n", *c) == NULL)
			buffer_append_char(&out, *c);
	}
	return buffer_steal(&out);
}
