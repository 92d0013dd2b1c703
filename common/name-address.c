#include "common/name-address.h"

#include "common/mem.h"

#include <string.h>

static bool is_word(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Between a local part or a domain and its "@". */
static bool is_gap(char c)
{
	return is_one_of(c, " \t\"'`");
}

/* What stands before the "@", from start on; without the quotes that people
 * put around addresses. */
static char *take_local(const char *start, const char *at)
{
	const char *end = at, *begin;

	while (end > start && (is_gap(end[-1]) || end[-1] == '.'))
		end--;
	begin = end;
	while (begin > start &&
	       (address_is_atext(begin[-1]) || begin[-1] == '.'))
		begin--;
	while (begin < end && !is_word(*begin))
		begin++;
	return begin < end ? mem_strndup(begin, (size_t)(end - begin)) : NULL;
}

/* The end of the label that begins here. */
static const char *skip_label(const char *text)
{
	while (is_word(*text) || *text == '-')
		text++;
	return text;
}

static bool is_number(const char *text, const char *end)
{
	while (text < end && *text >= '0' && *text <= '9')
		text++;
	return text == end;
}

static char *take_domain(const char *text)
{
	const char *start, *label, *end;

	while (is_gap(*text))
		text++;
	start = label = text;
	end = skip_label(text);
	while (end > label && *end == '.' && is_word(end[1])) {
		label = end + 1;
		end = skip_label(label);
	}
	while (end > label && end[-1] == '-')
		end--;
	/* A last label that is a number makes a price, say: "2 @ 1.50". */
	if (label == start || is_number(label, end))
		return NULL;
	return mem_strndup(start, (size_t)(end - start));
}

bool name_address_next(const char **rest, struct address *address_r)
{
	const char *start = *rest, *at;

	while ((at = strchr(*rest, '@')) != NULL) {
		*rest = at + 1;
		*address_r = (struct address){ .domain = take_domain(at + 1) };
		if (address_r->domain != NULL)
			address_r->local = take_local(start, at);
		if (address_r->local != NULL)
			return true;
		address_release(address_r);
		start = at + 1;
	}
	return false;
}
