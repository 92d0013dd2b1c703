#include "milter-dkim/verify-tags.h"

#include "common/error.h"
#include "common/mem.h"

#include <string.h>

static const char space[] = " \t\r\n";

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_tag_name(const char *name)
{
	if (!is_letter(*name))
		return false;
	for (name++; *name != '\0'; name++) {
		if (!is_letter(*name) && (*name < '0' || *name > '9') &&
		    *name != '_')
			return false;
	}
	return true;
}

/* Takes white space out, in place; false if there are other characters. */
static bool collapse(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (strchr(space, *text) != NULL)
			continue;
		if (*text < '!' || *text > '~')
			return false;
		*to++ = *text;
	}
	*to = '\0';
	return true;
}

/* The name's end is *equals; both are cut to what they are. */
static int
add_tag(struct verify_tags *tags, char *name, char *equals, struct error *err_r)
{
	bool apart = equals > name && strchr(space, equals[-1]) != NULL;
	size_t len;

	*equals = '\0';
	name += strspn(name, space);
	len = strcspn(name, space);
	if (name[len + strspn(name + len, space)] != '\0')
		return error_set(err_r, "a tag's name is not one word");
	name[len] = '\0';
	if (!is_tag_name(name) || !collapse(equals + 1))
		return error_set(err_r, "a character that no tag has");
	if (verify_tags_find(tags, name) != NULL)
		return error_set(err_r, "%s= stands twice", name);
	if (tags->count == VERIFY_TAGS_MAX)
		return error_set(err_r, "more than %d tags", VERIFY_TAGS_MAX);
	if (name[len - 1] == 'b' && (len > 1 || apart))
		tags->misleading_b = true;
	tags->tags[tags->count++] =
		(struct verify_tag){ .name = name, .value = equals + 1 };
	return 0;
}

static int parse(struct verify_tags *tags, struct error *err_r)
{
	char *rest = tags->text;

	while (rest != NULL) {
		char *tag = strsep(&rest, ";");
		char *equals = strchr(tag, '=');

		/* A last semicolon is followed by nothing. */
		if (rest == NULL && tag > tags->text &&
		    tag[strspn(tag, space)] == '\0')
			return 0;
		if (equals == NULL)
			return error_set(err_r, "a tag without a value");
		if (add_tag(tags, tag, equals, err_r) < 0)
			return -1;
	}
	return 0;
}

int verify_tags_parse(struct verify_tags *tags_r, const char *text,
		      struct error *err_r)
{
	*tags_r = (struct verify_tags){ .text = mem_strdup(text) };
	if (parse(tags_r, err_r) == 0)
		return 0;
	verify_tags_release(tags_r);
	return -1;
}

void verify_tags_release(struct verify_tags *tags)
{
	mem_free_string(&tags->text);
	tags->count = 0;
}

const char *verify_tags_find(const struct verify_tags *tags, const char *name)
{
	size_t i;

	for (i = 0; i < tags->count; i++) {
		if (strcmp(tags->tags[i].name, name) == 0)
			return tags->tags[i].value;
	}
	return NULL;
}
