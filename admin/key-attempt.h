#ifndef ADMIN_KEY_ATTEMPT_H
#define ADMIN_KEY_ATTEMPT_H

#include <stdbool.h>

/*
 * What dovecot-auth-tlspubkey(7) logged, and spooled, about a login with a key.
 * All but key, result and time may be "". Clients wrote the login.
 */
struct key_attempt {
	char *key;    /* "sha256:" and 64 hex digits */
	char *result; /* "accepted", "password", "refused" or "deferred" */
	char *time;   /* 2026-11-22T01:02:03Z */
	char *account;
	char *name;
	char *reason;
	char *mechanism;
	char *protocol;
	char *remote;
	char *login;
};

/*
 * From a line without its newline, of syslog, of a log file of Dovecot's, or as
 * journalctl prints it with --output=cat. False, and nothing to release, if it
 * is no such line.
 */
bool key_attempt_parse(struct key_attempt *attempt_r, const char *line);

/* The same from the spool, which has no more than the pairs. */
bool key_attempt_parse_pairs(struct key_attempt *attempt_r, const char *pairs);

/* The key was its account's, and the login was not refused for it. */
bool key_attempt_passed(const struct key_attempt *attempt);

void key_attempt_release(struct key_attempt *attempt);

#endif
