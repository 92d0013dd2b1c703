#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PREAUTH_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PREAUTH_H

struct client;
struct client_vfuncs;

/*
 * IMAP over TLS from the first octet on: a client whose key says who it is is
 * greeted with PREAUTH (RFC 9051, 7.1.4), logged in before it has said
 * anything. Who is not is greeted as by Dovecot alone, and at once.
 *
 * Greetings of IMAP and ManageSieve list mechanisms, so both wait for the end
 * of the handshake, when it is known whether EXTERNAL is one.
 */

/* In client_allocated(), of a protocol whose greeting lists mechanisms. */
void login_preauth_hook(struct client *client, struct client_vfuncs *v);

/*
 * In place of starttls(): what ManageSieve says after it lists mechanisms, too,
 * and waits likewise.
 */
void login_preauth_starttls(struct client *client);

/* In sasl_check_login(): may a login that auth has accepted go on? */
bool login_preauth_check(struct client *client);

#endif
