#ifndef MILTER_DKIM_SIGNING_KEY_H
#define MILTER_DKIM_SIGNING_KEY_H

#include "common/dkim-key.h"

#include <stddef.h>

struct buffer;
struct error;

/*
 * A private key, ready to sign: what OpenSSL has to look up and set for it is
 * so once, not for each message. For any threads at a time.
 */
struct signing_key;

/* Held once, by the caller. The key, of that algorithm, is held as well. */
int signing_key_new(struct signing_key **key_r, EVP_PKEY *pkey,
		    enum dkim_algorithm algorithm, struct error *err_r);

/* Once more; the same key. */
struct signing_key *signing_key_hold(struct signing_key *key);

/* Gives up one hold; clears *key; NULL is fine. */
void signing_key_release(struct signing_key **key);

/* Append the raw signature over a text (RFC 6376 3.7, RFC 8463 3). */
int signing_key_sign(struct buffer *signature, const struct signing_key *key,
		     const void *text, size_t len, struct error *err_r);

#endif
