#include "milter-dkim/canon.h"

#include "common/buffer.h"

#include <string.h>

static const char crlf[] = "\r\n";

const char *canon_name(enum canon canon)
{
	return canon == CANON_RELAXED ? "relaxed" : "simple";
}

/* RFC 6376 3.4.1, once the MTA's folds are CRLF again. */
static void header_simple(struct buffer *out, const char *name,
			  const char *value, const char *end)
{
	const char *fold;

	buffer_append_string(out, name);
	buffer_append_char(out, ':');
	while ((fold = memchr(value, '\n', (size_t)(end - value))) != NULL) {
		size_t len = (size_t)(fold - value);

		if (len > 0 && fold[-1] == '\r')
			len--;
		buffer_append_bytes(out, value, len);
		buffer_append_bytes(out, crlf, 2);
		value = fold + 1;
	}
	buffer_append_bytes(out, value, (size_t)(end - value));
	buffer_append_bytes(out, crlf, 2);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* In lower case, up to white space. */
static void append_name(struct buffer *out, const char *name)
{
	size_t i = out->len, len = 0;

	while (name[len] != '\0' && !is_space(name[len]))
		len++;
	buffer_append_bytes(out, name, len);
	for (; i < out->len; i++) {
		if (out->data[i] >= 'A' && out->data[i] <= 'Z')
			out->data[i] |= 0x20;
	}
}

/* The length of the white space or fold (LF, CRLF) at text; 0: a word's. */
static size_t gap(const char *text, const char *end)
{
	if ((unsigned char)*text > ' ')
		return 0;
	if (is_space(*text) || *text == '\n')
		return 1;
	return *text == '\r' && end - text >= 2 && text[1] == '\n' ? 2 : 0;
}

/* RFC 6376 3.4.2. */
static void header_relaxed(struct buffer *out, const char *name,
			   const char *value, const char *end)
{
	size_t start, len;

	append_name(out, name);
	buffer_append_char(out, ':');
	start = out->len;
	while (value < end) {
		bool space = false;
		const char *word;

		for (; value < end && (len = gap(value, end)) > 0; value += len)
			space = space || is_space(*value);
		for (word = value; value < end && gap(value, end) == 0; value++)
			continue;
		if (word < value && space && out->len > start)
			buffer_append_char(out, ' ');
		buffer_append_bytes(out, word, (size_t)(value - word));
	}
	buffer_append_bytes(out, crlf, 2);
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
 * What goes to the sink, gathered: relaxed text can come in words, and a call
 * for each would cost more than the hash.
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

static bool is_text(char c)
{
	return !is_space(c) && c != '\r';
}

/*
 * Over what is canonical as it stands: text, single spaces and line ends that
 * have text on both sides.
 */
static const char *skip_canonical(const char *data, const char *end)
{
	for (;;) {
		ptrdiff_t len;

		while (data < end && is_text(*data))
			data++;
		if (data < end && *data == ' ')
			len = 1;
		else if (end - data >= 2 && *data == '\r' && data[1] == '\n')
			len = 2;
		else
			return data;
		if (end - data <= len || !is_text(data[len]))
			return data;
		data += len;
	}
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
		} else if (is_space(*data)) {
			body->space = true;
			data++;
		} else if (*data == '\r') {
			body->cr = true;
			data++;
		} else {
			output_held(out);
			data = skip_canonical(data, end);
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
