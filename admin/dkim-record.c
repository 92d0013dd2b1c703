#include "admin/dkim-record.h"

#include "common/error.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char space[] = " \t\r\n";

/* A tag of a tag-list (RFC 6376 3.2), where it stands; no white space around.
 */
struct tag {
	const char *name;
	size_t name_len;
	const char *value;
	size_t len;
};

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && strchr(space, (*text)[0]) != NULL) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && strchr(space, (*text)[*len - 1]) != NULL)
		(*len)--;
}

/* The next piece of *rest before a separator; false at the end. */
static bool next_piece(const char **piece_r, size_t *len_r, const char **rest,
		       const char *end, char separator)
{
	const char *found;

	if (*rest == NULL)
		return false;
	found = memchr(*rest, separator, (size_t)(end - *rest));
	*piece_r = *rest;
	*len_r = (size_t)((found != NULL ? found : end) - *rest);
	*rest = found != NULL ? found + 1 : NULL;
	trim(piece_r, len_r);
	return true;
}

static bool next_tag(struct tag *tag_r, const char **rest)
{
	const char *equals;
	size_t len;

	/* Nothing stands behind the last semicolon. */
	do {
		if (!next_piece(&tag_r->name, &len, rest,
				*rest != NULL ? *rest + strlen(*rest) : NULL,
				';'))
			return false;
	} while (len == 0);
	equals = memchr(tag_r->name, '=', len);
	tag_r->name_len = equals != NULL ? (size_t)(equals - tag_r->name) : len;
	tag_r->value = tag_r->name + tag_r->name_len + (equals != NULL);
	tag_r->len = (size_t)(tag_r->name + len - tag_r->value);
	trim(&tag_r->name, &tag_r->name_len);
	trim(&tag_r->value, &tag_r->len);
	return true;
}

static bool is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* How many there are of the name; tag_r is the last. */
static int find_tag(struct tag *tag_r, const char *record, const char *name)
{
	struct tag tag;
	int count = 0;

	while (next_tag(&tag, &record)) {
		if (!is(tag.name, tag.name_len, name))
			continue;
		*tag_r = tag;
		count++;
	}
	return count;
}

/* Is the word in the list that colons divide? */
static bool lists(const struct tag *tag, const char *word)
{
	const char *piece, *rest = tag->value;
	size_t len;

	while (next_piece(&piece, &len, &rest, tag->value + tag->len, ':')) {
		if (is(piece, len, word))
			return true;
	}
	return false;
}

/* The same base64 but for white space, which may stand anywhere in it. */
static bool same_key(const struct tag *a, const struct tag *b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a->len && strchr(space, a->value[i]) != NULL)
			i++;
		while (j < b->len && strchr(space, b->value[j]) != NULL)
			j++;
		if (i == a->len || j == b->len)
			return i == a->len && j == b->len;
		if (a->value[i++] != b->value[j++])
			return false;
	}
}

static int check_form(const char *found, struct error *err_r)
{
	static const char *const names[] = { "v", "h", "k", "n",
					     "p", "s", "t", NULL };
	const char *rest = found;
	struct tag first, tag;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		if (find_tag(&tag, found, names[i]) > 1)
			return error_set(err_r, "has %s= twice", names[i]);
	}
	if (find_tag(&tag, found, "v") == 0)
		return 0;
	/* RFC 6376 3.6.1. */
	if (!next_tag(&first, &rest) || first.value != tag.value)
		return error_set(err_r, "does not begin with its v=");
	if (!is(tag.value, tag.len, "DKIM1"))
		return error_set(err_r, "is of another version than DKIM1");
	return 0;
}

static int check_key(const char *found, const char *wanted, struct error *err_r)
{
	struct tag has, wants;

	if (find_tag(&has, found, "p") == 0)
		return error_set(err_r, "has no p=");
	if (has.len == 0)
		return error_set(err_r,
				 "is that of a revoked key: its p= is empty");
	(void)find_tag(&wants, wanted, "p");
	if (!same_key(&has, &wants))
		return error_set(err_r, "is not this key's");
	(void)find_tag(&wants, wanted, "k");
	if (find_tag(&has, found, "k") == 0)
		has = (struct tag){ .value = "rsa", .len = strlen("rsa") };
	if (has.len != wants.len ||
	    memcmp(has.value, wants.value, has.len) != 0)
		return error_set(err_r,
				 "is taken for one of type %.*s, while this "
				 "key's is %.*s (k=)",
				 (int)has.len, has.value, (int)wants.len,
				 wants.value);
	return 0;
}

static int check_use(const char *found, struct error *err_r)
{
	struct tag tag;

	if (find_tag(&tag, found, "h") == 1 && !lists(&tag, "sha256"))
		return error_set(err_r, "does not allow sha256 (h=)");
	if (find_tag(&tag, found, "s") == 1 && !lists(&tag, "email") &&
	    !lists(&tag, "*"))
		return error_set(err_r, "is not for e-mail (s=)");
	return 0;
}

int dkim_record_compare(struct dkim_record_flags *flags_r, const char *found,
			const char *wanted, struct error *err_r)
{
	struct tag tag;

	/* It is one of ours. */
	assert(find_tag(&tag, wanted, "p") == 1 &&
	       find_tag(&tag, wanted, "k") == 1);
	if (check_form(found, err_r) < 0 ||
	    check_key(found, wanted, err_r) < 0 || check_use(found, err_r) < 0)
		return -1;
	*flags_r = (struct dkim_record_flags){ .testing = false };
	if (find_tag(&tag, found, "t") == 1)
		*flags_r = (struct dkim_record_flags){
			.testing = lists(&tag, "y"),
			.strict = lists(&tag, "s"),
		};
	return 0;
}
