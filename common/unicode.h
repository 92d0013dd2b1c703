#ifndef COMMON_UNICODE_H
#define COMMON_UNICODE_H

#include <stddef.h>

struct error;

/*
 * The only place that knows libunistring. Offsets in errors count octets from
 * 0. Text need not end in NUL; a NUL in it is a control character.
 */

/*
 * May people be shown this? UTF-8 without control, bidi-control and zero-width
 * characters: nothing that makes it look like something else. In a header
 * field tab, CR and LF pass: whether they stand right is the caller's. In a
 * name that was encoded tab and zero-width characters pass: emoji and some
 * scripts need these.
 */
int unicode_check(const char *text, size_t len, struct error *err_r);
int unicode_check_field(const char *text, size_t len, struct error *err_r);
int unicode_check_name(const char *text, size_t len, struct error *err_r);

/*
 * An identifier in NFC: UTF-8 without control, bidi-control, zero-width, other
 * invisible or unassigned characters (their NFC is not settled), and without
 * white space but U+0020.
 */
int unicode_identifier(char **nfc_r, const char *text, size_t len,
		       struct error *err_r);

/* In lower case, NFC; any UTF-8. */
char *unicode_lower(const char *text, size_t len);

/* Full case folding, NFC, of what passed unicode_identifier(). */
char *unicode_fold(const char *text, size_t len);

/*
 * For a search in what people read, of what passed unicode_check_name(): NFKC,
 * without the invisible, with an ideographic full stop as a dot, and with a
 * space for each punctuation mark, symbol or separator beyond ASCII.
 */
char *unicode_searched(const char *text, size_t len);

#endif
