#ifndef COMMON_AUTHSERV_ID_H
#define COMMON_AUTHSERV_ID_H

#include <stddef.h>

struct error;

/*
 * Who says it in the value of an Authentication-Results field (RFC 8601 2.2),
 * however it is spelled: without comments, quotes, escapes and version, a
 * domain as A-labels in lower case and without its last dot. Two fields are of
 * one host if and only if their ids are the same octets. id_r is the caller's.
 *
 * What leaves room for two readings is an error.
 */
int authserv_id_parse(char **id_r, const char *value, size_t len,
		      struct error *err_r);

#endif
