#ifndef COMMON_OPENSSH_KEY_H
#define COMMON_OPENSSH_KEY_H

#include <stddef.h>

struct error;
struct span;

/*
 * One OpenSSH public key line (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4)
 * without white space around: its key as DER SubjectPublicKeyInfo and
 * its comment (NULL if none), both the caller's to free. Strength is not
 * judged here; kinds of keys that cannot be a TLS key are refused by name.
 */
int openssh_key_parse(unsigned char **spki_r, size_t *spki_len_r,
		      char **comment_r, const struct span *line,
		      struct error *err_r);

#endif
