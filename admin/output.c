#include "admin/output.h"

#include "common/date.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <uniwidth.h>

#define GAP 2

struct output {
	FILE *file;
	bool json;
	bool answered;
	bool record;
	const char *const *columns; /* NULL: nothing was begun */
	size_t column_count;
	char **cells; /* row after row, ready to print */
	size_t cell_count;
	struct buffer list;
	bool in_list;
};

struct output *output_new(FILE *file, bool json)
{
	struct output *out = mem_alloc(sizeof(*out));

	out->file = file;
	out->json = json;
	return out;
}

static void clear(struct output *out)
{
	while (out->cell_count > 0)
		mem_free_string(&out->cells[--out->cell_count]);
	free(out->cells);
	out->cells = NULL;
	out->columns = NULL;
	buffer_release(&out->list);
	out->in_list = false;
}

void output_free(struct output **out)
{
	if (*out == NULL)
		return;
	clear(*out);
	free(*out);
	*out = NULL;
}

static void
begin(struct output *out, const char *const *columns, bool is_record)
{
	clear(out);
	out->answered = true;
	out->columns = columns;
	out->record = is_record;
	out->column_count = 0;
	while (columns[out->column_count] != NULL)
		out->column_count++;
}

void output_table(struct output *out, const char *const *columns)
{
	begin(out, columns, false);
}

void output_record(struct output *out, const char *const *columns)
{
	begin(out, columns, true);
}

static void append_escaped(struct buffer *text, unsigned int c)
{
	if (c == '"' || c == '\\')
		buffer_printf(text, "\\%c", (int)c);
	else if (c == '\n')
		buffer_append_string(text, "\\n");
	else if (c > 0xffff)
		buffer_printf(text, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
			      0xdc00 + (c & 0x3ff));
	else
		buffer_printf(text, "\\u%04x", c);
}

/* Nothing of what is shown may steer a terminal or turn the line around. */
static void append_text(struct buffer *to, const char *text, bool json)
{
	size_t len;

	for (; *text != '\0'; text += len) {
		unsigned int c = utf8_decode(text, &len);

		if (c == UTF8_INVALID)
			buffer_append_string(to, "\xef\xbf\xbd");
		else if (json &&
			 (c == '"' || c == '\\' || !utf8_is_printable(c)))
			append_escaped(to, c);
		else if (!utf8_is_printable(c))
			buffer_append_char(to, '?');
		else
			buffer_append_bytes(to, text, len);
	}
}

static void append_string(struct buffer *to, const char *text, bool json)
{
	if (json)
		buffer_append_char(to, '"');
	append_text(to, text, json);
	if (json)
		buffer_append_char(to, '"');
}

void output_append_json(struct buffer *to, const char *text)
{
	if (text != NULL)
		append_string(to, text, true);
	else
		buffer_append_string(to, "null");
}

/* A cell, or a part of the list that is being made. */
static void add(struct output *out, struct buffer *value)
{
	if (out->in_list) {
		if (out->list.len > 0)
			buffer_append_string(&out->list, ", ");
		buffer_append_bytes(&out->list, buffer_string(value),
				    value->len);
		buffer_release(value);
		return;
	}
	out->cells = mem_resize(out->cells, out->cell_count + 1,
				sizeof(*out->cells));
	/* There may be millions, most of them shorter than a buffer is. */
	out->cells[out->cell_count++] =
		mem_strndup(buffer_string(value), value->len);
	buffer_release(value);
}

static void add_word(struct output *out, const char *word)
{
	struct buffer value = BUFFER_INIT;

	buffer_append_string(&value, word);
	add(out, &value);
}

void output_string(struct output *out, const char *text)
{
	struct buffer value = BUFFER_INIT;

	if (text == NULL || (text[0] == '\0' && !out->json)) {
		add_word(out, out->json ? "null" : "-");
		return;
	}
	append_string(&value, text, out->json);
	add(out, &value);
}

void output_bool(struct output *out, bool value)
{
	if (out->json)
		add_word(out, value ? "true" : "false");
	else
		add_word(out, value ? "yes" : "no");
}

void output_number(struct output *out, long long value)
{
	struct buffer text = BUFFER_INIT;

	buffer_printf(&text, "%lld", value);
	add(out, &text);
}

void output_time(struct output *out, time_t value)
{
	char text[DATE_TEXT_SIZE];

	if (value != 0)
		date_format(text, value);
	output_string(out, value != 0 ? text : NULL);
}

void output_end_date(struct output *out, time_t value)
{
	char text[DATE_TEXT_SIZE];

	if (value != 0)
		date_format_end(text, value);
	output_string(out, value != 0 ? text : NULL);
}

void output_list(struct output *out)
{
	buffer_clear(&out->list);
	out->in_list = true;
}

void output_list_end(struct output *out)
{
	struct buffer value = BUFFER_INIT;

	out->in_list = false;
	if (out->json)
		buffer_append_char(&value, '[');
	else if (out->list.len == 0)
		buffer_append_char(&value, '-');
	buffer_append_string(&value, buffer_string(&out->list));
	if (out->json)
		buffer_append_char(&value, ']');
	add(out, &value);
}

static size_t width(const char *text)
{
	int columns = u8_strwidth((const uint8_t *)text, "UTF-8");

	return columns > 0 ? (size_t)columns : 0;
}

/* "no_preauth" is shown as "NO PREAUTH" over a table. */
static char *heading(const char *column)
{
	char *text = mem_strdup(column), *c;

	for (c = text; *c != '\0'; c++)
		*c = *c == '_' ? ' ' : (char)toupper((unsigned char)*c);
	return text;
}

static void print_padded(FILE *file, const char *text, size_t to)
{
	size_t has = width(text);

	(void)fprintf(file, "%s%*s", text, has < to ? (int)(to - has) : 0, "");
}

static void
print_row(const struct output *out, char *const *cells, const size_t *widths)
{
	size_t last = out->column_count - 1, i;

	for (i = 0; i < last; i++)
		print_padded(out->file, cells[i], widths[i] + GAP);
	(void)fprintf(out->file, "%s\n", cells[last]);
}

static void print_table(const struct output *out)
{
	size_t count = out->column_count, i;
	size_t *widths = mem_array(count, sizeof(*widths));
	char **headings = mem_array(count, sizeof(*headings));

	for (i = 0; i < count; i++) {
		headings[i] = heading(out->columns[i]);
		widths[i] = width(headings[i]);
	}
	for (i = 0; i < out->cell_count; i++) {
		size_t has = width(out->cells[i]);

		if (has > widths[i % count])
			widths[i % count] = has;
	}
	if (out->cell_count > 0)
		print_row(out, headings, widths);
	for (i = 0; i < out->cell_count; i += count)
		print_row(out, out->cells + i, widths);
	for (i = 0; i < count; i++)
		mem_free_string(&headings[i]);
	free(headings);
	free(widths);
}

static void print_record(const struct output *out)
{
	size_t widest = 0, i;

	for (i = 0; i < out->column_count; i++) {
		size_t len = strlen(out->columns[i]);

		widest = len > widest ? len : widest;
	}
	for (i = 0; i < out->cell_count; i++) {
		char *name = mem_strdup(out->columns[i]), *c;

		for (c = name; *c != '\0'; c++)
			*c = *c == '_' ? ' ' : *c;
		print_padded(out->file, name, widest + GAP);
		(void)fprintf(out->file, "%s\n", out->cells[i]);
		mem_free_string(&name);
	}
}

static void print_object(const struct output *out, char *const *cells)
{
	size_t i;

	for (i = 0; i < out->column_count; i++)
		(void)fprintf(out->file, "%s\"%s\": %s", i > 0 ? ", " : "{",
			      out->columns[i], cells[i]);
	(void)fputc('}', out->file);
}

static void print_json(const struct output *out)
{
	size_t i;

	if (out->record) {
		print_object(out, out->cells);
		(void)fputc('\n', out->file);
		return;
	}
	(void)fputc('[', out->file);
	for (i = 0; i < out->cell_count; i += out->column_count) {
		(void)fputs(i > 0 ? ",\n " : "", out->file);
		print_object(out, out->cells + i);
	}
	(void)fputs("]\n", out->file);
}

int output_end(struct output *out, struct error *err_r)
{
	if (out->columns != NULL) {
		/* Every row must be whole: a bug of the caller's otherwise. */
		if (out->cell_count % out->column_count != 0 ||
		    (out->record && out->cell_count != out->column_count))
			abort();
		if (out->json)
			print_json(out);
		else if (out->record)
			print_record(out);
		else
			print_table(out);
		clear(out);
	}
	if (fflush(out->file) != 0)
		return error_set_as(err_r, EX_IOERR,
				    "standard output: can't be written: %s",
				    strerror(errno));
	/* Its errno is gone. */
	if (ferror(out->file))
		return error_set_as(err_r, EX_IOERR,
				    "standard output: a part of it could not "
				    "be written");
	return 0;
}

FILE *output_file(struct output *out)
{
	out->answered = true;
	return out->file;
}

bool output_is_json(const struct output *out)
{
	return out->json;
}

bool output_is_silent(const struct output *out)
{
	return !out->answered;
}
