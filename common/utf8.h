#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_INVALID 0xffffffffU

/*
 * The code point that text, which is not empty, begins with, and its octets;
 * where none that RFC 3629 allows stands, UTF8_INVALID and 1.
 */
unsigned int utf8_decode(const char *text, size_t *len_r);

bool utf8_is_ascii(const char *text);

/*
 * Not so are control and format characters, line and paragraph separators,
 * and what is not UTF-8.
 */
bool utf8_is_printable(unsigned int code);

/*
 * Makes text, in place, one line that steers no terminal and looks like what
 * it is: every octet that is not UTF-8 and every character that
 * unicode_check() refuses becomes '?'. Without libunistring, for whoever may
 * fail or log, login processes too.
 */
void utf8_make_printable(char *text);

#endif
