#include "common/authserv-id.h"

#include "common/address.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/utf8.h"

#include <stdbool.h>
#include <string.h>

struct reader {
	const char *at;
	const char *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
	return (c >= '\0' && c < ' ') || c == '\x7f';
}

static int skip_comment(struct reader *reader, struct error *err_r)
{
	size_t depth = 0;

	for (; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (c == '\\' && reader->at + 1 < reader->end)
			reader->at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			reader->at++;
			return 0;
		}
	}
	return error_set(err_r, "a comment that does not end");
}

/* RFC 5322 3.2.2: comments and folding white space. */
static int skip_cfws(struct reader *reader, struct error *err_r)
{
	while (reader->at < reader->end) {
		if (is_space(*reader->at))
			reader->at++;
		else if (*reader->at != '(')
			break;
		else if (skip_comment(reader, err_r) < 0)
			return -1;
	}
	return 0;
}

/* RFC 2045 5.1, with what RFC 8601 5.1 adds: UTF-8. */
static bool is_token(char c)
{
	return !is_control(c) && strchr(" ()<>@,;:\\\"/[]?=", c) == NULL;
}

static int
read_quoted(struct buffer *id, struct reader *reader, struct error *err_r)
{
	for (reader->at++; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (c == '"') {
			reader->at++;
			return 0;
		}
		if (c == '\\' && ++reader->at < reader->end)
			c = *reader->at;
		if (is_control(c) || is_space(c))
			break;
		buffer_append_char(id, c);
	}
	return error_set(err_r, "an id in quotes that is not one word");
}

static int
read_value(struct buffer *id, struct reader *reader, struct error *err_r)
{
	if (reader->at < reader->end && *reader->at == '"')
		return read_quoted(id, reader, err_r);
	while (reader->at < reader->end && is_token(*reader->at))
		buffer_append_char(id, *reader->at++);
	return 0;
}

/* Behind the id: the version, and the end or a semicolon. */
static int skip_version(struct reader *reader, struct error *err_r)
{
	const char *before = reader->at;
	bool apart;

	if (skip_cfws(reader, err_r) < 0)
		return -1;
	apart = reader->at > before;
	while (apart && reader->at < reader->end && *reader->at >= '0' &&
	       *reader->at <= '9')
		reader->at++;
	if (skip_cfws(reader, err_r) < 0)
		return -1;
	if (reader->at < reader->end && *reader->at != ';')
		return error_set(err_r, "more than an id and its version");
	return 0;
}

/* In place: ASCII alone has a case here. */
static void fold(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

static int normalise(char **id_r, char *text, struct error *err_r)
{
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		text[--len] = '\0';
	if (len == 0)
		return error_set(err_r, "no id");
	if (len <= ADDRESS_DOMAIN_MAX &&
	    address_domain_parse(id_r, text, err_r) == 0)
		return 0;
	/* Who knows what characters another reader takes for ours. */
	if (!utf8_is_ascii(text))
		return error_set(err_r, "an id that is no domain name");
	fold(text);
	*id_r = mem_strdup(text);
	return 0;
}

int authserv_id_parse(char **id_r, const char *value, size_t len,
		      struct error *err_r)
{
	struct reader reader = { .at = value, .end = value + len };
	struct buffer id = BUFFER_INIT;
	char *text;
	int result = -1;

	if (skip_cfws(&reader, err_r) == 0 &&
	    read_value(&id, &reader, err_r) == 0 &&
	    skip_version(&reader, err_r) == 0) {
		text = buffer_steal(&id);
		result = normalise(id_r, text, err_r);
		mem_free_string(&text);
	}
	buffer_release(&id);
	return result;
}
