#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_CLIENT_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_CLIENT_H

#include "common/fingerprint.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-probe.h"
#include "dovecot-auth-tlspubkey/tlspubkey-peer.h"

/* A connection to a login process, as the plugin's files see it. */

enum greeting {
	GREETING_STOCK,	    /* is Dovecot's own business, or was sent */
	GREETING_HANDSHAKE, /* waits for auth and the handshake's end */
	GREETING_PROBE,	    /* waits for auth to say who may be logged in */
	GREETING_LOGIN,	    /* waits for the login itself */
	GREETING_MAIL,	    /* is left to the mail process */
	GREETING_STARTTLS,  /* the one after that waits for the handshake */
};

struct tlspubkey_client {
	union login_client_module_context module_ctx;

	struct fingerprint key;
	bool key_asked; /* the handshake is over and key_presented is right */
	bool key_presented;
	bool key_forwarded; /* by a proxy that may; auth is to verify it */
	bool key_passed_on; /* to this backend */

	struct tlspubkey_alpn alpn;
	enum greeting greeting;
	bool auth_ready;

	struct auth_client_request *probe; /* GREETING_PROBE */
	struct timeout *to_probe;
	login_probe_callback *on_probed;
};

struct tlspubkey_client *login_tlspubkey_client(struct client *client);

/* Before the handshake: ask the client for its key, if TLS is there. */
void login_tlspubkey_request(struct client *client);

/* Is TLS there, and its handshake not over? */
bool login_tlspubkey_handshake_pending(const struct client *client);

/* The key that the client has proved to have; NULL if none, or not yet. */
const struct fingerprint *login_tlspubkey_key(struct client *client);

/*
 * For the request that is about to be made: tell auth that key, or the one that
 * a proxy has passed on, and nothing else that came under our name. False, and
 * logged, if that fails.
 */
bool login_tlspubkey_forward_key(struct client *client);

#endif
