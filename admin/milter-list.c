#include "admin/milter-list.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/span.h"

#include <stddef.h>
#include <string.h>

#define SEPARATORS ", \t\r\n"
#define QUEUE "/var/spool/postfix/"

/* Postfix's mystrtokq(): braces keep together what is in them. */
static bool next_item(struct span *item_r, const char **at)
{
	const char *c = *at + strspn(*at, SEPARATORS);
	int level = 0;

	item_r->at = c;
	for (; *c != '\0'; c++) {
		if (*c == '{')
			level++;
		else if (level > 0 && *c == '}')
			level--;
		else if (level == 0 && strchr(SEPARATORS, *c) != NULL)
			break;
	}
	item_r->len = (size_t)(c - item_r->at);
	*at = c;
	return item_r->len > 0;
}

static bool in_braces(const struct span *item)
{
	return item->at[0] == '{';
}

/* "inet:localhost:8891", of an item with settings too. */
static struct span name_of(const struct span *item)
{
	size_t skip = 0, len = 0;

	if (in_braces(item))
		skip = 1 + strspn(item->at + 1, SEPARATORS);
	while (skip + len < item->len &&
	       strchr(SEPARATORS "}", item->at[skip + len]) == NULL)
		len++;
	return (struct span){ item->at + skip, len };
}

static bool drop(struct span *text, const char *start)
{
	if (!span_starts_with(text, start))
		return false;
	*text = span_from(text, text->at + strlen(start));
	return true;
}

static bool is_socket(const struct span *item, const char *socket)
{
	struct span name = name_of(item);

	if (!drop(&name, "unix:") && !drop(&name, "local:"))
		return false;
	/* From "/" on is the same for an smtpd in its chroot. */
	if (!drop(&name, QUEUE))
		(void)drop(&name, "/");
	return span_equals(&name, socket);
}

static bool
is_any(const struct span *item, const char *const *sockets, size_t *which_r)
{
	for (*which_r = 0; sockets[*which_r] != NULL; (*which_r)++) {
		if (is_socket(item, sockets[*which_r]))
			return true;
	}
	return false;
}

int milter_list_check(const char *list, struct error *err_r)
{
	struct span item;

	while (next_item(&item, &list)) {
		if (in_braces(&item) && item.at[item.len - 1] != '}')
			return error_set(err_r,
					 "\"%.*s\" has no closing brace, or "
					 "more behind it",
					 (int)item.len, item.at);
		if (name_of(&item).len == 0)
			return error_set(err_r, "\"%.*s\" names no milter",
					 (int)item.len, item.at);
	}
	return 0;
}

bool milter_list_has(const char *list, const char *socket)
{
	struct span item;

	while (next_item(&item, &list)) {
		if (is_socket(&item, socket))
			return true;
	}
	return false;
}

bool milter_list_has_safe(const char *list, const char *socket)
{
	struct span item;

	while (next_item(&item, &list)) {
		if (is_socket(&item, socket))
			return in_braces(&item) &&
			       span_find(&item, "default_action=tempfail") !=
				       NULL &&
			       span_find(&item, "protocol=6") != NULL;
	}
	return false;
}

char *milter_list_without(const char *list, const char *const *sockets)
{
	struct buffer rest = BUFFER_INIT;
	const char *at = list, *kept = list;
	struct span item;
	size_t which;

	while (next_item(&item, &at)) {
		if (!is_any(&item, sockets, &which))
			continue;
		buffer_append_bytes(&rest, kept, (size_t)(item.at - kept));
		at += strspn(at, SEPARATORS);
		kept = at;
	}
	buffer_append_string(&rest, kept);
	while (rest.len > 0 &&
	       strchr(SEPARATORS, rest.data[rest.len - 1]) != NULL)
		rest.data[--rest.len] = '\0';
	return buffer_steal(&rest);
}

bool milter_list_equal(const char *a, const char *b)
{
	struct span one, other;
	bool more;

	do {
		more = next_item(&one, &a);
		if (more != next_item(&other, &b) || one.len != other.len ||
		    memcmp(one.at, other.at, one.len) != 0)
			return false;
	} while (more);
	return true;
}

char *milter_list_put(const char *list, const char *const *sockets,
		      const char *indent)
{
	struct buffer out = BUFFER_INIT;
	const char *at = list;
	struct span item;

	for (; *sockets != NULL; sockets++)
		buffer_printf(&out,
			      "%s\n%s{ unix:%s, default_action=tempfail, "
			      "protocol=6 }",
			      out.len > 0 ? "," : "", indent, *sockets);
	while (next_item(&item, &at))
		buffer_printf(&out, "%s\n%s%.*s", out.len > 0 ? "," : "",
			      indent, (int)item.len, item.at);
	return buffer_steal(&out);
}
