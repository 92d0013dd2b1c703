#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_PEER_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_PEER_H

#include <stdbool.h>

#include <openssl/ssl.h>

struct fingerprint;

/*
 * Before the handshake: ask the client for a certificate, any. A connection
 * that asks already is left as the site has set it.
 */
void tlspubkey_peer_request(SSL *ssl);

/* After the handshake: the key that the client has proved; false if none. */
bool tlspubkey_peer_key(struct fingerprint *key_r, SSL *ssl);

#endif
