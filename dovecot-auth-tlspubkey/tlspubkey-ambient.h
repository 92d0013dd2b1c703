#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_AMBIENT_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_AMBIENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A key logs in without a word from the client, so a web page could make its
 * reader's browser do it. These tell such a client from a mail client.
 */

/*
 * Is protocol among those that a TLS client names in its ALPN extension (RFC
 * 7301, 3.1)? Not if the extension is malformed.
 */
bool tlspubkey_alpn_names(const unsigned char *extension, size_t len,
			  const char *protocol);

/* Does what the client says begin as a request of HTTP? */
bool tlspubkey_is_http(const unsigned char *data, size_t len);

#endif
