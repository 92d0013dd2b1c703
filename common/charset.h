#ifndef COMMON_CHARSET_H
#define COMMON_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct error;

/*
 * A character set that mail is written in. The only place that knows iconv(3),
 * which is given none but these: of the many that it has, the others are for
 * no mail, and some are not fit for input from strangers.
 */
struct charset;

/* By its name in any case (RFC 2978), or NULL. */
const struct charset *charset_find(const char *name, size_t len);

/*
 * Is no octet of a character that has several an ASCII one? Then a text may be
 * cut within characters: nobody who reads the pieces one by one sees ASCII
 * characters that are not there.
 */
bool charset_can_be_cut(const struct charset *charset);

/*
 * Appends the octets' text in UTF-8, with U+FFFD in place of all that follows
 * an invalid one. A host that can't convert it is an error with EX_OSFILE: an
 * outage, of which the text is not the cause.
 */
int charset_to_utf8(const struct charset *charset, struct buffer *utf8,
		    const struct buffer *octets, struct error *err_r);

/*
 * What the C library reads once, so that a lack of descriptors just when a
 * first charset is needed does not last: for daemons, at their start.
 */
void charset_prepare(void);

#endif
