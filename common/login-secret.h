#ifndef COMMON_LOGIN_SECRET_H
#define COMMON_LOGIN_SECRET_H

#include <stddef.h>
#include <time.h>

struct error;

/*
 * What Dovecot's login processes and auth sign and check with. A file of
 * root's that nobody else may read, of one secret a line, in the order in
 * which they came:
 *
 *   64 hex digits (32 random octets), and from the second line on a space and
 *   the time since when it signs, as 2026-11-22T15:00:00Z
 *
 * One signs at a time; the ones to come are accepted already, and the one
 * before is accepted for LOGIN_SECRET_OVERLAP more seconds. So a new one can
 * be put behind the others, and reach all who check before anybody signs
 * with it. Dovecot reads it as root, before it drops privileges.
 */
#define LOGIN_SECRET_FOLDER "/var/lib/countersign/tlspubkey"
/* Of one host: from login processes to auth. */
#define LOGIN_SECRET_LOCAL LOGIN_SECRET_FOLDER "/local.secret"
/* Of all proxies and backends: from a proxy's login processes to a backend. */
#define LOGIN_SECRET_FORWARD LOGIN_SECRET_FOLDER "/forward.secret"

#define LOGIN_SECRETS_MAX 4
#define LOGIN_SECRET_SIZE 32
#define LOGIN_SECRET_ID_SIZE 9

/*
 * Longer than a connection may take to log in (three minutes), whose login
 * process may have read the file before the new secret was there.
 */
#define LOGIN_SECRET_OVERLAP 600

/* Seconds from when a new one is there to when it signs: time to reload. */
#define LOGIN_SECRET_DELAY 60

/* id: 8 hex digits that follow from the key, so another key has another id. */
struct login_secret {
	unsigned char key[LOGIN_SECRET_SIZE];
	char id[LOGIN_SECRET_ID_SIZE];
	time_t since; /* signs from then on; 0: always did */
};

/* count 0: there are none. */
struct login_secrets {
	struct login_secret secret[LOGIN_SECRETS_MAX];
	size_t count;
};

/* On error nothing is left in *secrets_r. */
int login_secrets_load(struct login_secrets *secrets_r, const char *path,
		       struct error *err_r);
int login_secrets_parse(struct login_secrets *secrets_r, const char *text,
			struct error *err_r);

/* NULL only if there are none. */
const struct login_secret *
login_secrets_signing(const struct login_secrets *secrets, time_t now);

/* When the secret with that number ends to be accepted; 0: not yet known. */
time_t login_secrets_end(const struct login_secrets *secrets, size_t number);

/* The one with that id, if it is accepted now; else NULL. */
const struct login_secret *
login_secrets_accepted(const struct login_secrets *secrets, const char *id,
		       time_t now);

void login_secrets_wipe(struct login_secrets *secrets);

#endif
