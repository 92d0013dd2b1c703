#ifndef COMMON_ENCODED_WORD_H
#define COMMON_ENCODED_WORD_H

#include <stddef.h>

struct buffer;
struct error;

/*
 * RFC 2047 2, at "=?": the octet behind the "?=" that ends the encoded-word,
 * NULL if none is whole before end. Its length and what is in its text are not
 * looked at.
 */
const char *encoded_word_skip(const char *text, const char *end);

/*
 * Appends text, which is UTF-8, with its encoded-words decoded, wherever they
 * stand and with an RFC 2231 language or without; what may come out has any
 * character in it. White space between two goes. Octets of neighbours in one
 * charset are put together first, if charset_can_be_cut().
 *
 * What can't be decoded is U+FFFD, and an error: an unknown charset, octets
 * that are not base64, "Q" or the charset's, something that is an encoded-word
 * again. With EX_OSFILE it is an outage, as charset.h has it.
 */
int encoded_word_decode(struct buffer *decoded, const char *text, size_t len,
			struct error *err_r);

#endif
