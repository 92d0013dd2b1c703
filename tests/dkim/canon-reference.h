#ifndef TESTS_DKIM_CANON_REFERENCE_H
#define TESTS_DKIM_CANON_REFERENCE_H

#include "common/buffer.h"
#include "milter-dkim/canon.h"

#include <stdbool.h>
#include <string.h>

/*
 * RFC 6376 3.4 read aloud, slow and whole: each rule is one step.
 */
static inline bool canon_reference_crlf(const struct buffer *text, size_t i)
{
	return i + 1 < text->len && text->data[i] == '\r' &&
	       text->data[i + 1] == '\n';
}

static inline bool canon_reference_space(const struct buffer *text, size_t i)
{
	return i < text->len && (text->data[i] == ' ' || text->data[i] == '\t');
}

/* Drop white space at line ends; make a run of it one space. */
static inline void canon_reference_spaces(struct buffer *text)
{
	struct buffer out = BUFFER_INIT;
	size_t i = 0;

	while (i < text->len) {
		size_t next = i;

		while (canon_reference_space(text, next))
			next++;
		if (next > i && !canon_reference_crlf(text, next))
			buffer_append_char(&out, ' ');
		if (next == i)
			buffer_append_char(&out, text->data[next++]);
		i = next;
	}
	buffer_release(text);
	*text = out;
}

static inline void canon_reference_body(struct buffer *out, enum canon canon,
					const char *data, size_t len)
{
	struct buffer text = BUFFER_INIT;

	buffer_append_bytes(&text, data, len);
	if (len < 2 || !canon_reference_crlf(&text, len - 2))
		buffer_append_string(&text, "\r\n");
	if (canon == CANON_RELAXED)
		canon_reference_spaces(&text);
	while (text.len >= 4 && canon_reference_crlf(&text, text.len - 2) &&
	       canon_reference_crlf(&text, text.len - 4))
		text.len -= 2;
	if (canon == CANON_RELAXED && text.len == 2)
		text.len = 0;
	buffer_append_bytes(out, text.data, text.len);
	buffer_release(&text);
}

/* Each line end, LF or CRLF, becomes this; its CR is passed over. */
static inline void
canon_reference_line_ends(struct buffer *text, const char *line_end)
{
	struct buffer out = BUFFER_INIT;
	size_t i;

	for (i = 0; i < text->len; i++) {
		if (canon_reference_crlf(text, i))
			continue;
		if (text->data[i] != '\n')
			buffer_append_char(&out, text->data[i]);
		else
			buffer_append_string(&out, line_end);
	}
	buffer_release(text);
	*text = out;
}

static inline void canon_reference_runs(struct buffer *text)
{
	struct buffer out = BUFFER_INIT;
	size_t i;

	for (i = 0; i < text->len; i++) {
		if (!canon_reference_space(text, i))
			buffer_append_char(&out, text->data[i]);
		else if (!canon_reference_space(text, i + 1))
			buffer_append_char(&out, ' ');
	}
	buffer_release(text);
	*text = out;
}

static inline void canon_reference_header(struct buffer *out, enum canon canon,
					  const char *name, const char *value,
					  size_t len)
{
	struct buffer text = BUFFER_INIT;
	size_t start = 0;

	buffer_append_bytes(&text, value, len);
	if (canon == CANON_SIMPLE) {
		canon_reference_line_ends(&text, "\r\n");
		buffer_append_string(out, name);
	} else {
		canon_reference_line_ends(&text, "");
		canon_reference_runs(&text);
		if (text.len > 0 && text.data[text.len - 1] == ' ')
			text.len--;
		if (text.len > 0 && text.data[0] == ' ')
			start = 1;
		for (; *name != '\0' && *name != ' ' && *name != '\t'; name++)
			buffer_append_char(out, *name >= 'A' && *name <= 'Z'
							? *name - 'A' + 'a'
							: *name);
	}
	buffer_append_char(out, ':');
	buffer_append_bytes(out, buffer_string(&text) + start,
			    text.len - start);
	buffer_append_string(out, "\r\n");
	buffer_release(&text);
}

#endif
