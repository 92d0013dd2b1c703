#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_ATTEMPT_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_ATTEMPT_H

#include <stdbool.h>
#include <time.h>

#include "dovecot-auth-tlspubkey/tlspubkey-gate.h"

/* How a line about a login with a key begins in the log. */
#define TLSPUBKEY_ATTEMPT_PREFIX "tlspubkey: "

/* A login with a key, and what the gate made of it. */
struct tlspubkey_attempt {
	const struct fingerprint *key; /* NULL: without; it has no line then */
	enum tlspubkey_gate_result result;
	const struct tlspubkey_gate_answer *answer;
	const char *mechanism;
	const char *protocol;
	const char *remote; /* IP address */
	const char *login;  /* what the client says it is; or "" */
	time_t time;
};

/* "accepted", "password" (left to one), "refused" or "deferred". */
const char *tlspubkey_attempt_result(enum tlspubkey_gate_result result);

/* The key is of its account, and the login is not refused for it. */
bool tlspubkey_attempt_passed(const struct tlspubkey_attempt *attempt);

/*
 * The line behind that, the caller's, in the form of common/logfmt.h: key=,
 * result=, time= in UTC, then what is known of account=, name=, reason=,
 * mechanism=, protocol= and remote=, and login=, which the client wrote, last.
 * `countersign key attempts` reads it.
 */
char *tlspubkey_attempt_line(const struct tlspubkey_attempt *attempt);

#endif
