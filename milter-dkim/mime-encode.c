#include "milter-dkim/mime-encode.h"

#include "common/buffer.h"
#include "milter-dkim/repair-header.h"

#include <openssl/evp.h>

#include <string.h>

#define COLUMNS_MAX 76
#define BASE64_LINE_OCTETS 57

static const char crlf[] = "\r\n";

struct line {
	const char *text;
	size_t len;	/* without its end */
	size_t end_len; /* of CRLF, or 0 at the end of the text */
};

static struct line first_line(const char *text, size_t len)
{
	const char *at = text, *lf;

	while ((lf = memchr(at, '\n', len - (size_t)(at - text))) != NULL) {
		if (lf > text && lf[-1] == '\r')
			return (struct line){ text, (size_t)(lf - text) - 1,
					      2 };
		at = lf + 1;
	}
	return (struct line){ text, len, 0 };
}

/* Quoted-printable as it is written: column is where the line stands. */
struct quoted {
	struct buffer *out;
	size_t column;
	bool soft; /* the line goes on where another was broken */
};

static bool has_prefix(const char *text, size_t len, const char *prefix)
{
	return len >= strlen(prefix) &&
	       memcmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * A character that another reader of lines could take for something else: of a
 * boundary, too, that is like the line only now.
 */
static bool steers(const struct quoted *quoted, const char *text, size_t len)
{
	return quoted->column == 0 &&
	       ((quoted->soft && *text == '-') || has_prefix(text, len, "--") ||
		has_prefix(text, len, "From ") ||
		(*text == '.' && (len == 1 || quoted->soft)));
}

/* One character that is not broken: an octet or "=XX". */
static void quoted_append(struct quoted *quoted, const char *text, size_t len)
{
	buffer_append_bytes(quoted->out, text, len);
	quoted->column += len;
}

static void quoted_hex(struct quoted *quoted, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char octet = (unsigned char)c;
	const char text[3] = { '=', digits[octet >> 4], digits[octet & 15] };

	quoted_append(quoted, text, sizeof(text));
}

/* Room for so much and the "=" of a soft line break. */
static void quoted_reserve(struct quoted *quoted, size_t len)
{
	if (quoted->column + len < COLUMNS_MAX)
		return;
	buffer_append_string(quoted->out, "=\r\n");
	quoted->column = 0;
	quoted->soft = true;
}

static bool is_plain(char c)
{
	return (c >= ' ' && c <= '~' && c != '=') || c == '\t';
}

static void quote_line(struct quoted *quoted, const char *text, size_t len)
{
	quoted->column = 0;
	quoted->soft = false;
	for (; len > 0; text++, len--) {
		bool at_end = len == 1 && (*text == ' ' || *text == '\t');
		bool plain = is_plain(*text) && !at_end;

		quoted_reserve(quoted, plain ? 1 : 3);
		if (plain && !steers(quoted, text, len))
			quoted_append(quoted, text, 1);
		else
			quoted_hex(quoted, *text);
	}
}

void mime_encode_quoted(struct buffer *out, const char *text, size_t len)
{
	struct quoted quoted = { .out = out };

	while (len > 0) {
		const struct line line = first_line(text, len);

		quote_line(&quoted, line.text, line.len);
		buffer_append_bytes(out, crlf, line.end_len);
		text += line.len + line.end_len;
		len -= line.len + line.end_len;
	}
}

void mime_encode_base64(struct buffer *out, const char *data, size_t len)
{
	unsigned char line[COLUMNS_MAX + 1];

	while (len > 0) {
		size_t part =
			len < BASE64_LINE_OCTETS ? len : BASE64_LINE_OCTETS;

		EVP_EncodeBlock(line, (const unsigned char *)data, (int)part);
		buffer_append_string(out, (const char *)line);
		data += part;
		len -= part;
		if (len > 0)
			buffer_append_string(out, crlf);
	}
}

static bool is_hex(char c)
{
	return c != '\0' && strchr("0123456789ABCDEFabcdef", c) != NULL;
}

/* What is not quoted well would be read otherwise if it were divided. */
static bool rewrap_quoted(struct quoted *quoted, const char *text, size_t len)
{
	quoted->column = 0;
	quoted->soft = false;
	while (len > 0) {
		size_t octets = 1;

		if (*text == '=' && len > 1) {
			if (len < 3 || !is_hex(text[1]) || !is_hex(text[2]))
				return false;
			octets = 3;
		}
		quoted_reserve(quoted, octets);
		if (octets == 1 && steers(quoted, text, len))
			quoted_hex(quoted, *text);
		else
			quoted_append(quoted, text, octets);
		text += octets;
		len -= octets;
	}
	return true;
}

bool mime_wrap_quoted(struct buffer *out, const char *text, size_t len)
{
	struct quoted quoted = { .out = out };

	while (len > 0) {
		const struct line line = first_line(text, len);

		if (line.len <= REPAIR_LINE_MAX)
			buffer_append_bytes(out, line.text, line.len);
		else if (!rewrap_quoted(&quoted, line.text, line.len))
			return false;
		buffer_append_bytes(out, crlf, line.end_len);
		text += line.len + line.end_len;
		len -= line.len + line.end_len;
	}
	return true;
}

static bool is_base64(const char *text, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+/= \t";

	for (; len > 0; text++, len--) {
		if (*text == '\0' || strchr(letters, *text) == NULL)
			return false;
	}
	return true;
}

bool mime_wrap_base64(struct buffer *out, const char *text, size_t len)
{
	while (len > 0) {
		const struct line line = first_line(text, len);
		size_t at = 0;

		if (line.len > REPAIR_LINE_MAX) {
			if (!is_base64(line.text, line.len))
				return false;
			for (; line.len - at > COLUMNS_MAX; at += COLUMNS_MAX) {
				buffer_append_bytes(out, line.text + at,
						    COLUMNS_MAX);
				buffer_append_string(out, crlf);
			}
		}
		buffer_append_bytes(out, line.text + at, line.len - at);
		buffer_append_bytes(out, crlf, line.end_len);
		text += line.len + line.end_len;
		len -= line.len + line.end_len;
	}
	return true;
}
