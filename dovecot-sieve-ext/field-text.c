#include "dovecot-sieve-ext/field-text.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

struct span span_trim(struct span span)
{
	while (span.len > 0 && is_space(span.text[0])) {
		span.text++;
		span.len--;
	}
	while (span.len > 0 && is_space(span.text[span.len - 1]))
		span.len--;
	return span;
}

bool span_equals(struct span span, const char *word)
{
	return span.len == strlen(word) &&
	       strncasecmp(span.text, word, span.len) == 0;
}

bool span_starts_with(struct span span, const char *prefix)
{
	size_t len = strlen(prefix);

	return span.len >= len && strncasecmp(span.text, prefix, len) == 0;
}

struct span span_skip(struct span span, size_t count)
{
	return (struct span){ span.text + count, span.len - count };
}

struct span span_cut(struct span *rest, const char *stops)
{
	struct span head = { rest->text, 0 };

	while (head.len < rest->len &&
	       (head.text[head.len] == '\0' ||
		strchr(stops, head.text[head.len]) == NULL))
		head.len++;
	*rest = span_skip(*rest,
			  head.len < rest->len ? head.len + 1 : head.len);
	return head;
}

/*
 * The length of the quoted string or comment that span begins with (RFC 5322
 * 3.2.2, 3.2.4), 0 if it does not end.
 */
static size_t quoted_len(struct span span)
{
	const char open = span.text[0], close = open == '"' ? '"' : ')';
	size_t i, depth = 1;

	for (i = 1; i < span.len; i++) {
		if (span.text[i] == '\\')
			i++;
		else if (span.text[i] == close) {
			if (--depth == 0)
				return i + 1;
		} else if (span.text[i] == open)
			depth++;
	}
	return 0;
}

static size_t brackets_quoted(struct brackets *brackets)
{
	const char c = brackets->rest.text[0];
	bool *none;
	size_t len;

	if (c != '"' && c != '(')
		return 0;
	none = c == '"' ? &brackets->no_quote : &brackets->no_comment;
	if (*none)
		return 0;
	len = quoted_len(brackets->rest);
	*none = len == 0;
	return len;
}

static void brackets_word(struct brackets *brackets)
{
	struct span rest = brackets->rest;
	size_t len = 1;

	while (len < rest.len && !is_space(rest.text[len]) &&
	       rest.text[len] != '<' && rest.text[len] != '(' &&
	       rest.text[len] != '"')
		len++;
	brackets->word = (struct span){ rest.text, len };
	brackets->words++;
	brackets->rest = span_skip(rest, len);
}

bool brackets_next(struct brackets *brackets, struct span *inside_r)
{
	struct span *rest = &brackets->rest;

	while (rest->len > 0) {
		size_t quoted = brackets_quoted(brackets);

		if (quoted > 0) {
			*rest = span_skip(*rest, quoted);
		} else if (is_space(rest->text[0])) {
			*rest = span_skip(*rest, 1);
		} else if (rest->text[0] == '<' &&
			   memchr(rest->text, '>', rest->len) != NULL) {
			*rest = span_skip(*rest, 1);
			*inside_r = span_trim(span_cut(rest, ">"));
			return true;
		} else if (rest->text[0] == '<') {
			/* No word after it can be one of an id. */
			brackets->words = 0;
			return false;
		} else {
			brackets_word(brackets);
		}
	}
	return false;
}
