#include "milter-dkim/canon.h"

#include "common/buffer.h"

#include <string.h>

static const char crlf[] = "\r\n";

const char *canon_name(enum canon canon)
{
	return canon == CANON_RELAXED ? "relaxed" : "simple";
}

/* The length of the line end at text: LF or CRLF; 0 if there is none. */
static size_t line_end(const char *text, const char *end)
{
	if (text < end && text[0] == '\n')
		return 1;
	if (end - text >= 2 && text[0] == '\r' && text[1] == '\n')
		return 2;
	return 0;
}

/* RFC 6376 3.4.1, once the MTA's folds are CRLF again. */
static void header_simple(struct buffer *out, const char *name,
			  const char *value, const char *end)
{
	buffer_append_string(out, name);
	buffer_append_char(out, ':');
	while (value < end) {
		size_t fold = line_end(value, end);

		if (fold > 0) {
			buffer_append_string(out, crlf);
			value += fold;
		} else {
			buffer_append_char(out, *value++);
		}
	}
	buffer_append_string(out, crlf);
}

/* RFC 6376 3.4.2. */
static void header_relaxed(struct buffer *out, const char *name,
			   const char *value, const char *end)
{
	bool space = false, empty = true;

	for (; *name != '\0' && *name != ' ' && *name != '\t'; name++) {
		bool upper = *name >= 'A' && *name <= 'Z';

		buffer_append_char(out, upper ? (char)(*name | 0x20) : *name);
	}
	buffer_append_char(out, ':');
	while (value < end) {
		size_t fold = line_end(value, end);

		if (fold > 0) {
			value += fold;
		} else if (*value == ' ' || *value == '\t') {
			space = true;
			value++;
		} else {
			if (space && !empty)
				buffer_append_char(out, ' ');
			buffer_append_char(out, *value++);
			space = empty = false;
		}
	}
	buffer_append_string(out, crlf);
}

void canon_header(struct buffer *out, enum canon canon, const char *name,
		  const char *value, size_t value_len)
{
	switch (canon) {
	case CANON_SIMPLE:
		header_simple(out, name, value, value + value_len);
		return;
	case CANON_RELAXED:
		header_relaxed(out, name, value, value + value_len);
		return;
	}
}

/*
 * What goes to the sink, gathered: relaxed text comes in words, and a call for
 * each would cost more than the hash.
 */
struct output {
	struct canon_body *body;
	size_t len;
	char data[4096];
};

static void output_flush(struct output *out)
{
	if (out->len > 0)
		out->body->sink(out->body->context, out->data, out->len);
	out->len = 0;
}

static void output_write(struct output *out, const char *data, size_t len)
{
	out->body->empty = false;
	if (len > sizeof(out->data) - out->len) {
		output_flush(out);
		if (len > sizeof(out->data)) {
			out->body->sink(out->body->context, data, len);
			return;
		}
	}
	memcpy(out->data + out->len, data, len);
	out->len += len;
}

/* Text follows: what was held back was no line's or body's end after all. */
static void output_held(struct output *out)
{
	struct canon_body *body = out->body;

	for (; body->line_ends > 0; body->line_ends--)
		output_write(out, crlf, 2);
	if (body->space)
		output_write(out, " ", 1);
	if (body->cr)
		output_write(out, "\r", 1);
	body->space = body->cr = false;
}

/*
 * RFC 6376 3.4.3: all but the line ends at the end. They are looked for from
 * the end of each piece, so text is neither read nor copied here.
 */
static void body_simple(struct output *out, const char *data, const char *end)
{
	struct canon_body *body = out->body;
	size_t line_ends = 0;
	bool cr = false;

	if (data == end)
		return;
	if (body->cr && *data == '\n') {
		body->cr = false;
		body->line_ends++;
		data++;
	}
	if (data < end && end[-1] == '\r') {
		cr = true;
		end--;
	}
	while (end - data >= 2 && end[-2] == '\r' && end[-1] == '\n') {
		line_ends++;
		end -= 2;
	}
	if (data < end || body->cr) {
		output_held(out);
		output_write(out, data, (size_t)(end - data));
	}
	body->line_ends += line_ends;
	body->cr = cr;
}

static const char *skip_text(const char *data, const char *end)
{
	while (data < end && *data != ' ' && *data != '\t' && *data != '\r')
		data++;
	return data;
}

/* RFC 6376 3.4.4. */
static void body_relaxed(struct output *out, const char *data, const char *end)
{
	struct canon_body *body = out->body;

	while (data < end) {
		const char *text = data;

		if (body->cr && *data == '\n') {
			body->cr = body->space = false;
			body->line_ends++;
			data++;
		} else if (body->cr) {
			output_held(out);
		} else if (*data == ' ' || *data == '\t') {
			body->space = true;
			data++;
		} else if (*data == '\r') {
			body->cr = true;
			data++;
		} else {
			output_held(out);
			data = skip_text(data, end);
			output_write(out, text, (size_t)(data - text));
		}
	}
}

void canon_body_init(struct canon_body *body, enum canon canon,
		     canon_sink *sink, void *context)
{
	*body = (struct canon_body){
		.canon = canon, .sink = sink, .context = context, .empty = true
	};
}

void canon_body_update(struct canon_body *body, const void *data, size_t len)
{
	struct output out;
	const char *text = data;

	out.body = body;
	out.len = 0;
	switch (body->canon) {
	case CANON_SIMPLE:
		body_simple(&out, text, text + len);
		break;
	case CANON_RELAXED:
		body_relaxed(&out, text, text + len);
		break;
	}
	output_flush(&out);
}

void canon_body_finish(struct canon_body *body)
{
	struct output out;

	out.body = body;
	out.len = 0;
	if (body->cr)
		output_held(&out);
	if (body->canon == CANON_SIMPLE || !body->empty)
		output_write(&out, crlf, 2);
	output_flush(&out);
}
