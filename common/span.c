#include "common/span.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool span_equals(const struct span *text, const char *other)
{
	return text->len == strlen(other) && span_starts_with(text, other);
}

bool span_starts_with(const struct span *text, const char *start)
{
	size_t len = strlen(start);

	return text->len >= len && memcmp(text->at, start, len) == 0;
}

bool span_ends_with(const struct span *text, const char *end)
{
	size_t len = strlen(end);

	return text->len >= len &&
	       memcmp(text->at + text->len - len, end, len) == 0;
}

const char *span_find(const struct span *text, const char *what)
{
	return memmem(text->at, text->len, what, strlen(what));
}

struct span span_from(const struct span *text, const char *at)
{
	return (struct span){ .at = at,
			      .len = text->len - (size_t)(at - text->at) };
}

struct span span_trim(struct span text)
{
	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

struct span span_take_line(struct span *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct span line = *rest;

	if (end != NULL)
		line.len = (size_t)(end - rest->at);
	*rest = span_from(rest, line.at + line.len + (end != NULL));
	return line;
}

struct span span_take_word(struct span *rest)
{
	struct span word = span_trim(*rest);
	size_t len = 0;

	while (len < word.len && !is_space(word.at[len]))
		len++;
	word.len = len;
	*rest = span_from(rest, word.at + len);
	return word;
}
