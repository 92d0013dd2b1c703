#include "milter-dkim/mime-edit.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "milter-dkim/mime-encode.h"
#include "milter-dkim/repair-header.h"

#include <stdlib.h>
#include <string.h>

static void
apply_label(struct buffer *out, const struct mime_edit *edit, const char *old)
{
	size_t len = edit->end - edit->begin;

	buffer_printf(out, "Content-Transfer-Encoding: %s",
		      mime_encoding_name(edit->label));
	/* The last field may lack its end, where the part has no body. */
	if (len == 0 || old[len - 1] == '\n')
		buffer_append_string(out, "\r\n");
}

static bool apply_fold(struct buffer *out, const char *field, size_t len)
{
	const char *colon = memchr(field, ':', len);
	char *name = mem_strndup(field, (size_t)(colon - field));
	bool ended = len >= 2 && memcmp(field + len - 2, "\r\n", 2) == 0;
	struct buffer value = BUFFER_INIT;
	size_t value_len = len - strlen(name) - 1 - (ended ? 2 : 0), i;
	bool folded = repair_fold(&value, name, colon + 1, value_len);

	buffer_append_string(out, name);
	buffer_append_char(out, ':');
	for (i = 0; i < value.len; i++) {
		if (value.data[i] == '\n')
			buffer_append_char(out, '\r');
		buffer_append_char(out, value.data[i]);
	}
	if (ended)
		buffer_append_string(out, "\r\n");
	buffer_release(&value);
	mem_free_string(&name);
	return folded;
}

/* In place of what the edit is for; false if that can't be. */
static bool
apply(struct buffer *out, const struct mime_edit *edit, const char *body)
{
	const char *text = body + edit->begin;
	size_t len = edit->end - edit->begin;

	switch (edit->change) {
	case MIME_LABEL:
		apply_label(out, edit, text);
		return true;
	case MIME_FOLD:
		return apply_fold(out, text, len);
	case MIME_TO_QUOTED:
		mime_encode_quoted(out, text, len);
		return true;
	case MIME_TO_BASE64:
		mime_encode_base64(out, text, len);
		return true;
	case MIME_WRAP_QUOTED:
		return mime_wrap_quoted(out, text, len);
	case MIME_WRAP_BASE64:
		return mime_wrap_base64(out, text, len);
	}
	abort();
}

bool mime_edit_is_possible(const struct mime_edit *edit, const char *body)
{
	struct buffer out = BUFFER_INIT;
	bool possible = true;

	if (edit->change == MIME_FOLD || edit->change == MIME_WRAP_QUOTED ||
	    edit->change == MIME_WRAP_BASE64)
		possible = apply(&out, edit, body);
	buffer_release(&out);
	return possible;
}

int mime_edits_apply(const struct mime_edit *edits, size_t count,
		     const char *body, size_t len, mime_sink *sink,
		     void *context)
{
	struct buffer out = BUFFER_INIT;
	int result = 0;
	size_t at = 0, i;

	for (i = 0; i < count && result == 0; i++) {
		result = sink(context, body + at, edits[i].begin - at);
		buffer_clear(&out);
		(void)apply(&out, &edits[i], body);
		/* What comes after the message's end is its last line's. */
		if (edits[i].change == MIME_TO_BASE64 && edits[i].end == len)
			buffer_append_string(&out, "\r\n");
		if (result == 0)
			result = sink(context, buffer_string(&out), out.len);
		at = edits[i].end;
	}
	if (result == 0)
		result = sink(context, body + at, len - at);
	buffer_release(&out);
	return result;
}
