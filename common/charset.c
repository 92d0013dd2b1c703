#include "common/charset.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

enum kind {
	/* Octets beyond ASCII alone make characters beyond ASCII. */
	KIND_CUT,
	/* One octet of a character may be an ASCII one. */
	KIND_WHOLE,
	/* Escape sequences decide what ASCII octets mean. */
	KIND_ESCAPES,
	/* As KIND_CUT, and it is what is wanted: for iconv(3) it goes on
	 * beyond U+10FFFF. */
	KIND_UTF8,
};

struct charset {
	const char *name;
	const char *iconv_name; /* NULL: the same */
	enum kind kind;
};

static const struct charset charsets[] = {
	{ .name = "utf-8", .kind = KIND_UTF8 },
	{ .name = "us-ascii" },
	{ .name = "ascii" },
	{ .name = "big5", .kind = KIND_WHOLE },
	{ .name = "euc-jp" },
	{ .name = "euc-kr" },
	{ .name = "gb18030", .kind = KIND_WHOLE },
	{ .name = "gb2312" },
	{ .name = "gbk", .kind = KIND_WHOLE },
	{ .name = "iso-2022-jp", .kind = KIND_ESCAPES },
	{ .name = "iso-8859-1" },
	{ .name = "iso-8859-2" },
	{ .name = "iso-8859-3" },
	{ .name = "iso-8859-4" },
	{ .name = "iso-8859-5" },
	{ .name = "iso-8859-6" },
	{ .name = "iso-8859-7" },
	{ .name = "iso-8859-8" },
	{ .name = "iso-8859-8-i", .iconv_name = "iso-8859-8" }, /* RFC 1556 */
	{ .name = "iso-8859-9" },
	{ .name = "iso-8859-10" },
	{ .name = "iso-8859-11" },
	{ .name = "iso-8859-13" },
	{ .name = "iso-8859-14" },
	{ .name = "iso-8859-15" },
	{ .name = "iso-8859-16" },
	{ .name = "koi8-r" },
	{ .name = "koi8-u" },
	{ .name = "ks_c_5601-1987", .iconv_name = "euc-kr" },
	{ .name = "macintosh" },
	{ .name = "shift_jis", .kind = KIND_WHOLE },
	{ .name = "tis-620" },
	{ .name = "utf8", .kind = KIND_UTF8 },
	{ .name = "windows-1250" },
	{ .name = "windows-1251" },
	{ .name = "windows-1252" },
	{ .name = "windows-1253" },
	{ .name = "windows-1254" },
	{ .name = "windows-1255" },
	{ .name = "windows-1256" },
	{ .name = "windows-1257" },
	{ .name = "windows-1258" },
	{ .name = "windows-874" },
};

const struct charset *charset_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
		if (strlen(charsets[i].name) == len &&
		    strncasecmp(charsets[i].name, name, len) == 0)
			return &charsets[i];
	}
	return NULL;
}

bool charset_can_be_cut(const struct charset *charset)
{
	return charset->kind == KIND_CUT || charset->kind == KIND_UTF8;
}

/*
 * RFC 1468: a text ends in ASCII. Else readers that put texts together first
 * see other characters in the next one than those that don't.
 */
static bool ends_in_ascii(const struct buffer *octets)
{
	const char *text = buffer_string(octets);
	const char *escape = memrchr(text, '\x1b', octets->len);

	return escape == NULL || strncmp(escape, "\x1b(B", 3) == 0;
}

/*
 * What the standard of a charset leaves open iconv(3) maps to private use:
 * other readers see no character there, and then the ASCII octet for itself.
 */
static bool has_private_use(const char *text, const char *end)
{
	size_t len;

	for (; text < end; text += len) {
		unsigned int code = utf8_decode(text, &len);

		if ((code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000)
			return true;
	}
	return false;
}

static bool
convert(iconv_t converter, struct buffer *utf8, const struct buffer *octets)
{
	char *from = octets->data;
	size_t left = octets->len;
	bool flushed = false;

	/* At last what it holds back: without input. */
	while (!flushed) {
		bool at_end = left == 0;
		char chunk[1024], *to = chunk;
		size_t room = sizeof(chunk), result;

		result = iconv(converter, at_end ? NULL : &from, &left, &to,
			       &room);
		buffer_append_bytes(utf8, chunk, sizeof(chunk) - room);
		if (result == (size_t)-1 && errno != E2BIG)
			return false;
		flushed = at_end;
	}
	return true;
}

static bool copy_utf8(struct buffer *utf8, const struct buffer *octets)
{
	const char *text = buffer_string(octets);
	size_t used = 0, len;

	while (used < octets->len &&
	       utf8_decode(text + used, &len) != UTF8_INVALID)
		used += len;
	buffer_append_bytes(utf8, text, used);
	return used == octets->len;
}

/* 1 if it is valid, 0 if not. */
static int convert_by_iconv(const struct charset *charset, struct buffer *utf8,
			    const struct buffer *octets, struct error *err_r)
{
	const char *name = charset->iconv_name != NULL ? charset->iconv_name
						       : charset->name;
	iconv_t converter = iconv_open("utf-8", name);
	size_t start = utf8->len;
	bool valid;

	if (converter == (iconv_t)-1) {
		if (errno == ENOMEM)
			abort();
		return error_set_as(err_r, EX_OSFILE,
				    "%s: iconv_open: the C library's module "
				    "for this charset can't be loaded",
				    charset->name);
	}
	valid = convert(converter, utf8, octets);
	(void)iconv_close(converter);
	if (charset->kind == KIND_WHOLE && utf8->len > start)
		valid = valid && !has_private_use(utf8->data + start,
						  utf8->data + utf8->len);
	return valid;
}

int charset_to_utf8(const struct charset *charset, struct buffer *utf8,
		    const struct buffer *octets, struct error *err_r)
{
	int valid;

	if (charset->kind == KIND_UTF8)
		valid = copy_utf8(utf8, octets);
	else if (charset->kind == KIND_ESCAPES && !ends_in_ascii(octets))
		valid = 0;
	else
		valid = convert_by_iconv(charset, utf8, octets, err_r);
	if (valid < 0)
		return -1;
	if (valid > 0)
		return 0;
	buffer_append_string(utf8, replacement);
	return error_set(err_r, "not all of its octets are %s", charset->name);
}

void charset_prepare(void)
{
	iconv_t converter = iconv_open("utf-8", "iso-8859-1");

	if (converter != (iconv_t)-1)
		(void)iconv_close(converter);
}
