#ifndef DOVECOT_AUTH_TLSPUBKEY_PASSDB_ATTEMPT_H
#define DOVECOT_AUTH_TLSPUBKEY_PASSDB_ATTEMPT_H

struct tlspubkey_attempt;

/* What Dovecot's events of logins that the gate has decided on are called. */
#define PASSDB_ATTEMPT_EVENT "tlspubkey_login_checked"

/*
 * The spool that an auth worker notes logins in, opened while it is root still.
 * directory: the URI that the passdb asks. Without a spool they are logged.
 */
struct passdb_spool *passdb_spool_open(const char *directory);
void passdb_spool_close(struct passdb_spool **spool);

/* A login, with all that is known of it. */
struct passdb_attempt;

struct passdb_attempt *
passdb_attempt_new(const struct tlspubkey_attempt *attempt);

/*
 * Send its event, log and spool it, and free it. For when the client's answer
 * is on its way: what is slow here then keeps no login waiting.
 */
void passdb_attempt_note(struct passdb_attempt **attempt,
			 struct passdb_spool *spool);

#endif
