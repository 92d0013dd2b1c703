#include "milter-dkim/mime-entity.h"

#include <string.h>
#include <strings.h>

/* A piece of a field's value. */
struct text {
	const char *at;
	const char *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct text *text)
{
	while (text->at < text->end && is_space(*text->at))
		text->at++;
}

/* Up to white space or one of these characters. */
static struct text take_word(struct text *text, const char *ends)
{
	struct text word;

	skip_space(text);
	word.at = text->at;
	while (text->at < text->end && !is_space(*text->at) &&
	       (*text->at == '\0' || strchr(ends, *text->at) == NULL))
		text->at++;
	word.end = text->at;
	return word;
}

static bool take_char(struct text *text, char c)
{
	skip_space(text);
	if (text->at == text->end || *text->at != c)
		return false;
	text->at++;
	return true;
}

static bool is_word(const struct text *word, const char *expected)
{
	size_t len = (size_t)(word->end - word->at);

	return len == strlen(expected) &&
	       strncasecmp(word->at, expected, len) == 0;
}

static bool is_name(const char *name, size_t name_len, const char *expected)
{
	const struct text word = { name, name + name_len };

	return is_word(&word, expected);
}

bool mime_is_encoding_field(const char *name, size_t name_len)
{
	return is_name(name, name_len, "Content-Transfer-Encoding");
}

static const char *const encoding_names[] = {
	[MIME_7BIT] = "7bit",
	[MIME_8BIT] = "8bit",
	[MIME_QUOTED_PRINTABLE] = "quoted-printable",
	[MIME_BASE64] = "base64",
};

const char *mime_encoding_name(enum mime_encoding encoding)
{
	return encoding_names[encoding];
}

/* Postfix skips a comment before the word, others take it for the word. */
static enum mime_encoding
parse_encoding(struct mime_entity *entity, struct text *value)
{
	const struct text word = take_word(value, ";(");
	size_t i;

	if (word.at == word.end) {
		entity->malformed = true;
		return MIME_8BIT;
	}
	for (i = 0; i < sizeof(encoding_names) / sizeof(encoding_names[0]);
	     i++) {
		if (is_word(&word, encoding_names[i]))
			return (enum mime_encoding)i;
	}
	return is_word(&word, "binary") ? MIME_8BIT : MIME_STRANGE;
}

/*
 * A parameter's value, without its quotes; false if it is too long, or has what
 * only stands in quotes and some readers end it at.
 */
static bool take_value(struct text *text, char *value, size_t *len_r)
{
	bool quoted = take_char(text, '"');
	size_t len = 0;

	for (; text->at < text->end; text->at++) {
		if (quoted ? *text->at == '"'
			   : *text->at == ';' || is_space(*text->at))
			break;
		if (quoted && *text->at == '\\' && text->end - text->at > 1)
			text->at++;
		if (len == MIME_BOUNDARY_MAX ||
		    (!quoted && (*text->at == '(' || *text->at == '"')))
			return false;
		value[len++] = *text->at;
	}
	*len_r = len;
	return !quoted || take_char(text, '"');
}

/* Other parameters may be as long as they like. */
static bool skip_value(struct text *text)
{
	if (!take_char(text, '"')) {
		(void)take_word(text, ";");
		return true;
	}
	for (; text->at < text->end; text->at++) {
		if (*text->at == '"') {
			text->at++;
			return true;
		}
		if (*text->at == '\\' && text->end - text->at > 1)
			text->at++;
	}
	return false;
}

static bool take_boundary(struct mime_entity *entity, struct text *text)
{
	size_t len;

	return entity->boundary_len == 0 &&
	       take_value(text, entity->boundary, &len) && len > 0 &&
	       !is_space(entity->boundary[len - 1]) &&
	       (entity->boundary_len = len) > 0;
}

/*
 * False if it is not as RFC 2045 5.1 has it; a comment and RFC 2231's pieces
 * of a boundary are, but not every reader knows them.
 */
static bool find_boundary(struct mime_entity *entity, struct text *text)
{
	static const char name[] = "boundary";

	for (;;) {
		struct text word;

		skip_space(text);
		if (text->at == text->end)
			return entity->boundary_len > 0;
		if (!take_char(text, ';'))
			return false;
		word = take_word(text, ";=(\"");
		if (word.at == word.end)
			continue;
		if (!take_char(text, '='))
			return false;
		if (is_word(&word, name)) {
			if (!take_boundary(entity, text))
				return false;
		} else if ((word.end - word.at > (ptrdiff_t)strlen(name) &&
			    strncasecmp(word.at, name, strlen(name)) == 0) ||
			   !skip_value(text)) {
			return false;
		}
	}
}

static bool parse_multipart(struct mime_entity *entity,
			    const struct text *subtype, struct text *rest)
{
	bool sealed =
		is_word(subtype, "signed") || is_word(subtype, "encrypted");

	entity->kind = sealed ? MIME_SEALED : MIME_MULTIPART;
	entity->digest = is_word(subtype, "digest");
	return find_boundary(entity, rest);
}

static enum mime_kind message_kind(const struct text *subtype)
{
	static const char global[] = "global";

	if (is_word(subtype, "rfc822"))
		return MIME_MESSAGE;
	/* RFC 6532 3.7: may be encoded. */
	if (subtype->end - subtype->at >= (ptrdiff_t)strlen(global) &&
	    strncasecmp(subtype->at, global, strlen(global)) == 0)
		return MIME_DATA;
	return MIME_SEVEN_BIT;
}

static void parse_type(struct mime_entity *entity, struct text *value)
{
	const struct text type = take_word(value, "/;(");
	struct text subtype = { value->at, value->at };

	entity->kind = MIME_DATA;
	if (take_char(value, '/'))
		subtype = take_word(value, ";(");
	/* "text" alone is what it was before MIME. */
	entity->malformed |=
		subtype.at == subtype.end && !is_word(&type, "text");
	if (is_word(&type, "text"))
		entity->kind = MIME_TEXT;
	else if (is_word(&type, "message"))
		entity->kind = message_kind(&subtype);
	else if (is_word(&type, "multipart"))
		entity->malformed |= !parse_multipart(entity, &subtype, value);
}

void mime_entity_init(struct mime_entity *entity, bool in_digest)
{
	*entity = (struct mime_entity){
		.kind = in_digest ? MIME_MESSAGE : MIME_TEXT,
		.encoding = MIME_7BIT,
	};
}

void mime_entity_field(struct mime_entity *entity, const char *name,
		       size_t name_len, const char *value, size_t value_len)
{
	struct text text = { value, value + value_len };

	if (is_name(name, name_len, "Content-Type")) {
		entity->malformed |= entity->has_type;
		entity->has_type = true;
		parse_type(entity, &text);
	} else if (mime_is_encoding_field(name, name_len)) {
		entity->malformed |= entity->has_encoding;
		entity->has_encoding = true;
		entity->encoding = parse_encoding(entity, &text);
	}
}

void mime_entity_finish(struct mime_entity *entity)
{
	/* RFC 2046 5.2.1 forbids that; it is data to whoever meets it. */
	if (entity->kind == MIME_MESSAGE && entity->encoding > MIME_8BIT)
		entity->kind = MIME_DATA;
}
