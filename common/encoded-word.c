#include "common/encoded-word.h"

#include "common/address.h"
#include "common/base64.h"
#include "common/buffer.h"
#include "common/charset.h"
#include "common/error.h"
#include "common/span.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char opening[] = "=?";
static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* One encoded-word, within the text. */
struct word {
	const char *charset, *charset_end; /* without a language */
	char encoding;
	const char *text, *text_end;
};

struct decoder {
	struct buffer *decoded;
	/* Of the words that are not converted yet, all in this charset. */
	const struct charset *charset;
	struct buffer octets;
	int result;
	struct error *err_r;
};

static bool is_base64(char encoding)
{
	return encoding == 'B' || encoding == 'b';
}

static bool is_q(char encoding)
{
	return encoding == 'Q' || encoding == 'q';
}

/* Returns the octet behind it, NULL if it is none. */
static const char *split(struct word *word_r, const char *text, const char *end)
{
	const char *q = text + strlen(opening), *language;

	word_r->charset = q;
	while (q < end && *q != '?' && address_is_atext(*q))
		q++;
	if (q == word_r->charset || end - q < 3 || q[0] != '?' ||
	    !(is_base64(q[1]) || is_q(q[1])) || q[2] != '?')
		return NULL;
	/* RFC 2231 5. */
	language = memchr(word_r->charset, '*', (size_t)(q - word_r->charset));
	word_r->charset_end = language != NULL ? language : q;
	word_r->encoding = q[1];
	word_r->text = q + 3;
	q = memchr(word_r->text, '?', (size_t)(end - word_r->text));
	if (q == NULL || end - q < 2 || q[1] != '=')
		return NULL;
	word_r->text_end = q;
	return q + 2;
}

const char *encoded_word_skip(const char *text, const char *end)
{
	struct word word;

	return split(&word, text, end);
}

/* The first fault is told. */
static void fail(struct decoder *decoder, const struct error *err)
{
	if (decoder->result == 0 || err->sysexit == EX_OSFILE)
		*decoder->err_r = *err;
	decoder->result = -1;
}

static void convert(struct decoder *decoder)
{
	struct error err;

	if (decoder->charset != NULL &&
	    charset_to_utf8(decoder->charset, decoder->decoded,
			    &decoder->octets, &err) < 0)
		fail(decoder, &err);
	decoder->charset = NULL;
	buffer_clear(&decoder->octets);
}

static bool append_base64(struct buffer *octets, const struct word *word)
{
	unsigned char *data;
	size_t len;

	if (!base64_parse(&data, &len, word->text,
			  (size_t)(word->text_end - word->text)))
		return false;
	buffer_append_bytes(octets, data, len);
	free(data);
	return true;
}

static int value_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* RFC 2047 4.2; a space as well, which many take. */
static bool append_q(struct buffer *octets, const struct word *word)
{
	const char *c;

	for (c = word->text; c < word->text_end; c++) {
		char octet = *c;

		if (octet == '_') {
			octet = ' ';
		} else if (octet == '=') {
			int high, low;

			if (word->text_end - c < 3)
				return false;
			high = value_of(c[1]);
			low = value_of(c[2]);
			if (high < 0 || low < 0)
				return false;
			octet = (char)(high << 4 | low);
			c += 2;
		} else if (octet < 0x20 || octet > 0x7e) {
			return false;
		}
		buffer_append_char(octets, octet);
	}
	return true;
}

static void decode_word(struct decoder *decoder, const struct word *word)
{
	size_t charset_len = (size_t)(word->charset_end - word->charset);
	const struct charset *charset =
		charset_find(word->charset, charset_len);
	struct error err;

	if (decoder->charset != charset ||
	    (charset != NULL && !charset_can_be_cut(charset)))
		convert(decoder);
	decoder->charset = charset;
	if (charset == NULL)
		error_set(&err, "its charset \"%.*s\" is unknown",
			  (int)(charset_len < 40 ? charset_len : 40),
			  word->charset);
	else if (is_q(word->encoding) && !append_q(&decoder->octets, word))
		error_set(&err, "its text is not as \"Q\" has it");
	else if (is_base64(word->encoding) &&
		 !append_base64(&decoder->octets, word))
		error_set(&err, "its text is not base64");
	else
		return;
	convert(decoder);
	buffer_append_string(decoder->decoded, replacement);
	fail(decoder, &err);
}

static bool is_white(const char *text, const char *end)
{
	const struct span between = { .at = text, .len = (size_t)(end - text) };

	return span_trim(between).len == 0;
}

/* Where the next one begins, or end; what is behind it in *behind_r. */
static const char *find_word(struct word *word_r, const char *text,
			     const char *end, const char **behind_r)
{
	for (;; text++) {
		text = memmem(text, (size_t)(end - text), opening,
			      strlen(opening));
		if (text == NULL)
			return end;
		*behind_r = split(word_r, text, end);
		if (*behind_r != NULL)
			return text;
	}
}

static bool has_word(const struct buffer *text, size_t start)
{
	const char *end = buffer_string(text) + text->len, *behind;
	struct word word;

	return find_word(&word, buffer_string(text) + start, end, &behind) !=
	       end;
}

int encoded_word_decode(struct buffer *decoded, const char *text, size_t len,
			struct error *err_r)
{
	struct decoder decoder = { .decoded = decoded,
				   .octets = BUFFER_INIT,
				   .err_r = err_r };
	const char *end = text + len;
	size_t start = decoded->len;
	bool behind_word = false;

	for (;;) {
		const char *behind = NULL;
		struct word word;
		const char *at = find_word(&word, text, end, &behind);

		if (!behind_word || at == end || !is_white(text, at)) {
			convert(&decoder);
			buffer_append_bytes(decoded, text, (size_t)(at - text));
		}
		if (at == end)
			break;
		decode_word(&decoder, &word);
		behind_word = true;
		text = behind;
	}
	/* A reader that decodes twice would see another text. */
	if (behind_word && has_word(decoded, start)) {
		struct error err;

		error_set(&err, "it decodes to another one");
		fail(&decoder, &err);
	}
	buffer_release(&decoder.octets);
	return decoder.result;
}
