#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/*
 * RFC 4648 section 4, strict: padded, no white space, no bits left over.
 * The octets are the caller's to free. False if it is anything else.
 */
bool base64_parse(unsigned char **data_r, size_t *len_r, const char *text,
		  size_t len);

#endif
