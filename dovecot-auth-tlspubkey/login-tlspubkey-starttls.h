#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_STARTTLS_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_STARTTLS_H

struct client;
struct client_vfuncs;

/*
 * In client_allocated(): have the client asked for its key, by
 * login_tlspubkey_request(), if it begins TLS by a command. In
 * login-tlspubkey-starttls-2.3.c or login-tlspubkey-starttls-2.4.c.
 */
void login_starttls_hook(struct client *client, struct client_vfuncs *v);

#endif
