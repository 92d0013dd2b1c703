#include "admin/dovecot-conf.h"

#include "common/buffer.h"
#include "common/mem.h"

#include <string.h>

static struct span line_at(const char *text, size_t at)
{
	return span_trim((struct span){ text + at, strcspn(text + at, "\n") });
}

static size_t next_line(const char *text, size_t at)
{
	at += strcspn(text + at, "\n");
	return at + (text[at] == '\n');
}

static bool has(const struct span *line, char c)
{
	return line->len > 0 && memchr(line->at, c, line->len) != NULL;
}

/* "service auth {", but not "key = value {". */
static bool opens(const struct span *line)
{
	return span_ends_with(line, "{") &&
	       (!has(line, '=') || span_starts_with(line, "if "));
}

static bool is_passdb(const struct span *line)
{
	struct span rest = *line;
	struct span word = span_take_word(&rest);

	return (span_equals(&word, "passdb") ||
		span_equals(&word, "passdb{")) &&
	       has(line, '{');
}

static bool is_include(const struct span *line, struct span *path_r)
{
	struct span rest = *line;
	struct span word = span_take_word(&rest);

	if (!span_equals(&word, "!include") &&
	    !span_equals(&word, "!include_try"))
		return false;
	*path_r = span_take_word(&rest);
	return path_r->len > 0;
}

bool dovecot_conf_next(struct dovecot_statement *statement_r, const char *text,
		       size_t *at, int *depth)
{
	bool found = false;

	while (!found && text[*at] != '\0') {
		struct span line = line_at(text, *at);

		statement_r->start = *at;
		*at = next_line(text, *at);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (*depth == 0 && is_passdb(&line)) {
			statement_r->kind = DOVECOT_PASSDB;
			found = true;
		} else if (*depth == 0 &&
			   is_include(&line, &statement_r->path)) {
			statement_r->kind = DOVECOT_INCLUDE;
			found = true;
		}
		if (opens(&line))
			(*depth)++;
		else if (line.at[0] == '}' && *depth > 0)
			(*depth)--;
	}
	return found;
}

char *dovecot_conf_with_line(const char *text, size_t at, const char *line)
{
	struct buffer out = BUFFER_INIT;
	bool open_end = at > 0 && text[at - 1] != '\n';

	buffer_append_bytes(&out, text, at);
	buffer_printf(&out, "%s%s%s", open_end ? "\n" : "", line,
		      open_end ? "" : "\n");
	buffer_append_string(&out, text + at);
	return buffer_steal(&out);
}

char *dovecot_conf_without_include(const char *text, const char *path)
{
	struct buffer out = BUFFER_INIT;
	size_t at, end;

	for (at = 0; text[at] != '\0'; at = end) {
		struct span line = line_at(text, at), included;

		end = next_line(text, at);
		if (!is_include(&line, &included) ||
		    !span_equals(&included, path))
			buffer_append_bytes(&out, text + at, end - at);
		else if (text[end - 1] != '\n' && out.len > 0)
			out.data[--out.len] = '\0'; /* the LF before it */
	}
	return buffer_steal(&out);
}

/* Of "name = value" the value; false if the line is another one. */
static bool
value_of(const struct span *line, const char *name, struct span *value_r)
{
	struct span rest = *line;
	struct span word = span_take_word(&rest);

	if (!span_equals(&word, name))
		return false;
	word = span_take_word(&rest);
	*value_r = span_trim(rest);
	/* As doveconf writes it if white space stands around it. */
	if (value_r->len >= 2 && span_starts_with(value_r, "\"") &&
	    span_ends_with(value_r, "\"")) {
		value_r->at++;
		value_r->len -= 2;
	}
	return span_equals(&word, "=");
}

static void append_yes(struct buffer *words, const struct span *line)
{
	struct span rest = *line;
	struct span name = span_take_word(&rest);

	rest = span_trim(rest);
	if (!span_equals(&rest, "= yes"))
		return;
	if (words->len > 0)
		buffer_append_char(words, ' ');
	buffer_append_bytes(words, name.at, name.len);
}

/* The lines of a section from at on, up to its end. */
static char *yes_words(const char *conf, size_t at)
{
	struct buffer words = BUFFER_INIT;

	for (; conf[at] != '\0'; at = next_line(conf, at)) {
		struct span line = line_at(conf, at);

		if (span_equals(&line, "}"))
			break;
		append_yes(&words, &line);
	}
	return buffer_steal(&words);
}

char *dovecot_conf_words(const char *conf, const char *name)
{
	char *head = mem_printf("%s {", name);
	char *words = NULL;
	size_t at;

	for (at = 0; words == NULL && conf[at] != '\0';
	     at = next_line(conf, at)) {
		struct span line = line_at(conf, at), value;

		if (value_of(&line, name, &value))
			words = mem_strndup(value.at, value.len);
		else if (span_equals(&line, head))
			words = yes_words(conf, next_line(conf, at));
	}
	mem_free_string(&head);
	return words;
}

bool dovecot_conf_has_word(const char *words, const char *word)
{
	struct span rest = { words, words != NULL ? strlen(words) : 0 };
	struct span each;

	while ((each = span_take_word(&rest)).len > 0) {
		if (span_equals(&each, word))
			return true;
	}
	return false;
}

static bool begins_with_any(const struct span *line, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (span_starts_with(line, *names))
			return true;
	}
	return false;
}

static size_t count_lines(const char *text, const struct span *line)
{
	size_t count = 0, at;

	for (at = 0; text[at] != '\0'; at = next_line(text, at)) {
		struct span this = line_at(text, at);

		count += this.len == line->len &&
			 memcmp(this.at, line->at, line->len) == 0;
	}
	return count;
}

char *dovecot_conf_lost(const char *before, const char *after,
			const char *const *names)
{
	size_t at;

	for (at = 0; before[at] != '\0'; at = next_line(before, at)) {
		struct span line = line_at(before, at);

		if (line.len > 0 && line.at[0] != '#' &&
		    !begins_with_any(&line, names) &&
		    count_lines(before, &line) > count_lines(after, &line))
			return mem_strndup(line.at, line.len);
	}
	return NULL;
}

/* Where the section that begins in the line at has the setting. */
static char *in_section(const char *conf, size_t at, const char *name)
{
	int depth = 1;

	while (conf[at = next_line(conf, at)] != '\0' && depth > 0) {
		struct span line = line_at(conf, at), value;

		if (depth == 1 && value_of(&line, name, &value))
			return mem_strndup(value.at, value.len);
		if (opens(&line))
			depth++;
		else if (span_equals(&line, "}"))
			depth--;
	}
	return NULL;
}

char *
dovecot_conf_in_section(const char *conf, const char *head, const char *name)
{
	size_t at;

	for (at = 0; conf[at] != '\0'; at = next_line(conf, at)) {
		struct span line = line_at(conf, at);

		if (span_equals(&line, head))
			return in_section(conf, at, name);
	}
	return NULL;
}

/* "passdb NAME {": what stands in the middle; false if it is none. */
static bool
head_of(const struct span *line, const char *kind, struct span *name_r)
{
	struct span rest = *line;
	struct span word = span_take_word(&rest);

	if (!span_equals(&word, kind) || !span_ends_with(&rest, "{"))
		return false;
	rest.len--;
	*name_r = span_trim(rest);
	return true;
}

char *dovecot_conf_next_driver(const char *conf, const char *kind, size_t *at)
{
	while (conf[*at] != '\0') {
		struct span line = line_at(conf, *at), name;
		size_t here = *at;
		char *driver;

		*at = next_line(conf, *at);
		/* Sections of other sections are indented. */
		if (conf[here] != kind[0] || !head_of(&line, kind, &name))
			continue;
		driver = in_section(conf, here, "driver");
		return driver != NULL ? driver : mem_strndup(name.at, name.len);
	}
	return NULL;
}
