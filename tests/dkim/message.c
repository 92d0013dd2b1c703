#include "tests/unit/test.h"

#include "tests/dkim/message.h"

#include "common/mem.h"
#include "milter-dkim/canon.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append_field(struct message *message, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	struct policy_field *field;

	assert_non_null(colon);
	message->fields = mem_resize(message->fields, message->count + 1,
				     sizeof(*message->fields));
	field = &message->fields[message->count++];
	field->name = mem_strndup(line, (size_t)(colon - line));
	field->value_len = len - (size_t)(colon + 1 - line);
	field->value = mem_strndup(colon + 1, field->value_len);
}

/* A continuation line, behind the LF that the MTA keeps of a fold. */
static void append_line(struct message *message, const char *line, size_t len)
{
	struct policy_field *field;
	char *value;

	assert_true(message->count > 0);
	field = &message->fields[message->count - 1];
	value = mem_printf("%s\n%.*s", field->value, (int)len, line);
	free((void *)(uintptr_t)field->value);
	field->value = value;
	field->value_len = strlen(value);
}

static const char *
parse_header(struct message *message, const char *text, const char *end)
{
	bool first = true;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((newline != NULL ? newline : end) - text);
		const char *next = newline != NULL ? newline + 1 : end;

		if (len > 0 && text[len - 1] == '\r')
			len--;
		if (len == 0)
			return next;
		if (*text == ' ' || *text == '\t')
			append_line(message, text, len);
		else if (!first || len < 5 || memcmp(text, "From ", 5) != 0)
			append_field(message, text, len);
		first = false;
		text = next;
	}
	return text;
}

void message_parse_raw(struct message *message_r, const char *text, size_t len)
{
	struct message message = { .body = BUFFER_INIT };
	const char *end = text + len;

	text = parse_header(&message, text, end);
	buffer_append_bytes(&message.body, text, (size_t)(end - text));
	*message_r = message;
}

void message_parse(struct message *message_r, const char *text, size_t len)
{
	struct buffer raw = BUFFER_INIT;
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
	size_t i;

	for (i = 0; i < message->count; i++) {
		free((void *)(uintptr_t)message->fields[i].name);
		free((void *)(uintptr_t)message->fields[i].value);
	}
	free(message->fields);
	buffer_release(&message->body);
}

void message_wire_field(struct buffer *out, const struct policy_field *field)
{
	canon_header(out, CANON_SIMPLE, field->name, field->value,
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
