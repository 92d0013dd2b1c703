#ifndef ADMIN_KEY_ATTEMPT_H
#define ADMIN_KEY_ATTEMPT_H

#include <stdbool.h>

/*
 * A line that dovecot-auth-tlspubkey(7) logged about a login with a key. All
 * but key, result and time may be "". Clients wrote the login.
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
void key_attempt_release(struct key_attempt *attempt);

#endif
