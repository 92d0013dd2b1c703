#include "common/logfmt.h"

#include "common/buffer.h"

#include <stdbool.h>
#include <string.h>

static bool needs_quotes(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c <= 0x20 || c == 0x7f || c == '"' || c == '=' || c == '\\')
			return true;
	}
	return len == 0;
}

void logfmt_add(struct buffer *line, const char *name, const char *value)
{
	size_t i, len = strnlen(value, LOGFMT_VALUE_MAX + 1);
	bool cut = len > LOGFMT_VALUE_MAX, quotes;

	if (cut) {
		/* Not inside a character. */
		do {
			len--;
		} while (len > 0 && (value[len] & 0xc0) == 0x80);
	}
	quotes = needs_quotes(value, len);
	if (line->len > 0)
		buffer_append_char(line, ' ');
	buffer_append_string(line, name);
	buffer_append_string(line, quotes ? "=\"" : "=");
	if (!quotes)
		buffer_append_bytes(line, value, len);
	for (i = 0; quotes && i < len; i++) {
		if (value[i] == '"' || value[i] == '\\')
			buffer_append_char(line, '\\');
		buffer_append_char(line, value[i]);
	}
	buffer_append_string(line, cut ? "..." : "");
	buffer_append_string(line, quotes ? "\"" : "");
}

/* Behind its quote; to the quote that ends it, or to the end of the line. */
static const char *read_quoted(const char *at, struct buffer *value)
{
	while (*at != '\0' && *at != '"') {
		if (*at == '\\' && at[1] != '\0')
			at++;
		buffer_append_char(value, *at++);
	}
	return *at == '"' ? at + 1 : at;
}

bool logfmt_next(const char **line, struct buffer *name, struct buffer *value)
{
	const char *at = *line + strspn(*line, " ");
	size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

	if (len == 0 || at[len] != '=')
		return false;
	buffer_clear(name);
	buffer_clear(value);
	buffer_append_bytes(name, at, len);
	at += len + 1;
	if (*at == '"') {
		at = read_quoted(at + 1, value);
	} else {
		len = strcspn(at, " \"=\\");
		buffer_append_bytes(value, at, len);
		at += len;
	}
	if (*at != ' ' && *at != '\0')
		return false;
	*line = at;
	return true;
}
