#include "common/logfmt.h"

#include "common/buffer.h"

#include <stdbool.h>
#include <string.h>

static bool needs_quotes(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c <= 0x20 || c == 0x7f || strchr("\"=\\", c) != NULL)
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
	buffer_printf(line, "%s=%s", name, quotes ? "\"" : "");
	for (i = 0; i < len; i++) {
		if (value[i] == '"' || value[i] == '\\')
			buffer_append_char(line, '\\');
		buffer_append_char(line, value[i]);
	}
	buffer_printf(line, "%s%s", cut ? "..." : "", quotes ? "\"" : "");
}
