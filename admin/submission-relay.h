#ifndef ADMIN_SUBMISSION_RELAY_H
#define ADMIN_SUBMISSION_RELAY_H

struct error;
struct setup;

/*
 * Dovecot's submission service hands mail to a service of Postfix's on the
 * loopback, where it logs in as a master user: its password is made here, and
 * kept in a file of root's that Dovecot's configuration includes. The port is
 * one that only root may listen on: while Postfix is stopped nobody else can
 * have Dovecot log in to him.
 */
#define SUBMISSION_RELAY_PORT "588"

/*
 * Is that service there, and does it believe nobody who he is but by a
 * password? And are the ports of Dovecot's service left to it? conf: what
 * doveconf -n says. EX_CONFIG says what to do. Notes other services that
 * believe XCLIENT.
 */
int submission_relay_check(struct setup *setup, const char *conf,
			   struct error *err_r);

/* Make the file for a Dovecot "2.3" or "2.4", with a new password. */
int submission_relay_make(const char *release, struct error *err_r);

/* None is fine. */
int submission_relay_remove(struct error *err_r);

#endif
