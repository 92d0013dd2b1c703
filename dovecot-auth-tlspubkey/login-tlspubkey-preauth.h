#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PREAUTH_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PREAUTH_H

struct client;
struct client_vfuncs;

/*
 * IMAP over TLS from the first octet on: a client whose key says who it is is
 * greeted with PREAUTH (RFC 9051, 7.1.4), logged in before it has said
 * anything. Who is not is greeted as by Dovecot alone, and at once.
 */

/* In client_allocated(), of imap-login. */
void login_preauth_hook(struct client_vfuncs *v);

/* In sasl_check_login(): may a login that auth has accepted go on? */
bool login_preauth_check(struct client *client);

#endif
