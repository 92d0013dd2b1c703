#include "common/utf8.h"

#include <string.h>

static size_t length_by(unsigned char first)
{
	return first < 0x80   ? 1
	       : first < 0xc0 ? 0
	       : first < 0xe0 ? 2
	       : first < 0xf0 ? 3
	       : first < 0xf8 ? 4
			      : 0;
}

unsigned int utf8_decode(const char *text, size_t *len_r)
{
	/* By the number of octets: a smaller code point has fewer. */
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text[0];
	size_t len = length_by(first), i;
	unsigned int code = len == 1 ? first : first & (0x7fU >> len);

	*len_r = 1;
	if (len == 0)
		return UTF8_INVALID;
	for (i = 1; i < len; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80)
			return UTF8_INVALID;
		code = code << 6 | (next & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return UTF8_INVALID;
	*len_r = len;
	return code;
}

bool utf8_is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

/* The general categories Cc, Cf, Zl and Zp, in order. */
bool utf8_is_printable(unsigned int code)
{
	static const struct {
		unsigned int first, last;
	} unfit[] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x009f },
		{ 0x00ad, 0x00ad },   { 0x0600, 0x0605 },
		{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },
		{ 0x070f, 0x070f },   { 0x0890, 0x0891 },
		{ 0x08e2, 0x08e2 },   { 0x180e, 0x180e },
		{ 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },   { 0x110bd, 0x110bd },
		{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe007f }, { UTF8_INVALID, UTF8_INVALID },
	};
	size_t i;

	for (i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
		if (code <= unfit[i].last)
			return code < unfit[i].first;
	}
	return true;
}

void utf8_make_printable(char *text)
{
	char *to = text;
	size_t len;

	for (; *text != '\0'; text += len) {
		if (*text >= 0x20 && *text < 0x7f) {
			*to++ = *text;
			len = 1;
		} else if (utf8_is_printable(utf8_decode(text, &len))) {
			memmove(to, text, len);
			to += len;
		} else {
			*to++ = '?';
		}
	}
	*to = '\0';
}
