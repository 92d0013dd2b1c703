#include "dovecot-sieve-ext/list-mailbox.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/unicode.h"
#include "dovecot-sieve-ext/list-recognise.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* FNV-1a, 64 bits: to tell names apart, not to keep anyone out. */
static uint64_t hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3;
	return value;
}

/*
 * '.' and '/' divide levels in one layout or another; '%' and '*' are
 * wildcards; '\\', '^' and ':' are escapes of storages; '~' and '#' begin
 * home directories and namespaces.
 */
static bool may_stand(char c)
{
	return strchr("./\\%*^:~#\"", c) == NULL;
}

/* Whether the text can be told from what was appended. */
static bool append_clean(struct buffer *buffer, const char *text, bool dots)
{
	bool exact = true;

	for (; *text != '\0'; text++) {
		if (may_stand(*text)) {
			/* In a host '_' stands for a dot. */
			exact = exact && (!dots || *text != '_');
			buffer_append_char(buffer, *text);
		} else {
			exact = exact && dots && *text == '.';
			buffer_append_char(buffer, '_');
		}
	}
	return exact;
}

/* The longest start of text within max octets that ends between characters. */
static size_t cut_len(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

char *list_mailbox_name(const struct list *list)
{
	enum {
		HASH_LEN = 1 + 16
	};
	struct buffer name = BUFFER_INIT;
	struct buffer cut = BUFFER_INIT;
	bool exact = append_clean(&name, list->label, false);
	size_t len;

	buffer_append_char(&name, '@');
	exact = append_clean(&name, list->host, true) && exact;
	if (exact && name.len <= LIST_MAILBOX_NAME_MAX)
		return buffer_steal(&name);

	len = cut_len(name.data, name.len, LIST_MAILBOX_NAME_MAX - HASH_LEN);
	buffer_append_bytes(&cut, name.data, len);
	buffer_printf(&cut, "-%016" PRIx64, hash(list->id));
	buffer_release(&name);
	return buffer_steal(&cut);
}

static int check_level(const char *prefix, const char *level, size_t len,
		       struct error *err_r)
{
	if (len == 0)
		return error_set(err_r, "\"%s\" has an empty level", prefix);
	if (level[0] == '~' || level[0] == '.')
		return error_set(err_r, "a level of \"%s\" begins with '%c'",
				 prefix, level[0]);
	return 0;
}

int list_mailbox_prefix_check(const char *prefix, struct error *err_r)
{
	const size_t len = strlen(prefix);
	const char *level = prefix;
	struct error why;

	if (len == 0)
		return error_set(err_r, "the name is empty");
	if (len > LIST_MAILBOX_PREFIX_MAX)
		return error_set(err_r,
				 "the name has %zu octets, at most %d "
				 "may be",
				 len, LIST_MAILBOX_PREFIX_MAX);
	if (unicode_check(prefix, len, &why) < 0)
		return error_set(err_r, "%s", why.text);
	if (strpbrk(prefix, "%*") != NULL)
		return error_set(err_r, "\"%s\" holds '%%' or '*'", prefix);
	for (;;) {
		size_t level_len = strcspn(level, "/");

		if (check_level(prefix, level, level_len, err_r) < 0)
			return -1;
		if (level[level_len] == '\0')
			return 0;
		level += level_len + 1;
	}
}

char *list_mailbox_path(const char *namespace_prefix, char separator,
			const char *prefix, const char *name)
{
	struct buffer path = BUFFER_INIT;
	struct buffer levels = BUFFER_INIT;
	size_t i;

	if (may_stand(separator))
		return NULL;
	for (i = 0; prefix[i] != '\0'; i++)
		buffer_append_char(&levels,
				   prefix[i] == '/' ? separator : prefix[i]);
	if (strncmp(buffer_string(&levels), namespace_prefix,
		    strlen(namespace_prefix)) != 0)
		buffer_append_string(&path, namespace_prefix);
	buffer_append_string(&path, buffer_string(&levels));
	buffer_append_char(&path, separator);
	buffer_append_string(&path, name);
	buffer_release(&levels);
	return buffer_steal(&path);
}
