#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_PEER_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_PEER_H

#include <stdbool.h>

#include <openssl/ssl.h>

struct fingerprint;

/*
 * Before the handshake: ask the client for a certificate, any. A connection
 * that asks already verifies as the site has set it; its sessions can be
 * resumed then, too. Twice is as good as once.
 */
void tlspubkey_peer_request(SSL *ssl);

/* What the client offers by ALPN; protocol is whose name is looked for. */
struct tlspubkey_alpn {
	const char *protocol;
	bool others_only; /* some, and not that one */
};

/* Before the handshake: look out for it. *alpn must live as long as ssl. */
void tlspubkey_peer_watch_alpn(SSL *ssl, struct tlspubkey_alpn *alpn);

/* After the handshake: the key that the client has proved; false if none. */
bool tlspubkey_peer_key(struct fingerprint *key_r, SSL *ssl);

#endif
