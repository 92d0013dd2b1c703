#ifndef COMMON_SMTP_TEXT_H
#define COMMON_SMTP_TEXT_H

#include <stddef.h>

/*
 * text as every SMTP reply may carry it: one line of printable ASCII. Other
 * characters become RFC 6533's \x{HEX}, as do octets that are not UTF-8; a
 * control character becomes '?'. What does not fit in size octets, which are
 * at least 4, ends in "...".
 */
void smtp_text(char *reply_r, size_t size, const char *text);

#endif
