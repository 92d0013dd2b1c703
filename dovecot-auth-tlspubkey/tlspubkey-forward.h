#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_FORWARD_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_FORWARD_H

#include "common/fingerprint.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct error;
struct login_secret;
struct login_secrets;
struct tlspubkey_replay;

/*
 * The field that tells auth which key a login process saw, or a proxy's:
 *
 *   1:SECRET-ID:TIME:NONCE:SPKI-SHA256:MAC
 *
 * TIME is seconds since 1970, the rest lower-case hex. MAC is HMAC-SHA256 over
 * all that and over the session it was made for, so that it is good for
 * nothing else, once, and not for long. One that goes to another host is good
 * for one connection to it, too, and is signed with another secret.
 */
#define TLSPUBKEY_FORWARD_WINDOW 60 /* seconds that a field is good for */
#define TLSPUBKEY_FORWARD_AHEAD 5   /* seconds a clock may be ahead */
#define TLSPUBKEY_FORWARD_SIZE 192  /* of the text, with NUL */

/* A connection from a proxy to its backend, as both see it. */
struct tlspubkey_hop {
	const char *from, *to; /* addresses as text */
	uint16_t from_port, to_port;
};

/* As both sides know it from the connection. Strings are never NULL. */
struct tlspubkey_session {
	const char *id;
	const char *remote_address; /* as text; "" if there is none */
	const char *protocol;	    /* "imap" */
	uint16_t remote_port;
	const struct tlspubkey_hop *hop; /* NULL: stays on this host */
};

/* Fails only if OpenSSL has no random numbers. */
int tlspubkey_forward_sign(char text_r[TLSPUBKEY_FORWARD_SIZE],
			   const struct login_secret *secret,
			   const struct tlspubkey_session *session,
			   const struct fingerprint *fingerprint, time_t now,
			   struct error *err_r);

enum tlspubkey_forward_result {
	TLSPUBKEY_FORWARD_GOOD,
	TLSPUBKEY_FORWARD_MALFORMED,
	TLSPUBKEY_FORWARD_FORGED, /* or of another session */
	TLSPUBKEY_FORWARD_REPLAYED,
	/* Nobody's wrong-doing: to be tried again. */
	TLSPUBKEY_FORWARD_UNKNOWN_SECRET,
	TLSPUBKEY_FORWARD_STALE,
	TLSPUBKEY_FORWARD_FULL,
};

/* A good field is remembered in replay: it is REPLAYED the next time. */
enum tlspubkey_forward_result
tlspubkey_forward_verify(struct fingerprint *fingerprint_r, const char *text,
			 const struct login_secrets *secrets,
			 const struct tlspubkey_session *session, time_t now,
			 struct tlspubkey_replay *replay);

/* For the log. */
const char *tlspubkey_forward_reason(enum tlspubkey_forward_result result);

/* To be answered with a temporary failure? */
bool tlspubkey_forward_temporary(enum tlspubkey_forward_result result);

#endif
