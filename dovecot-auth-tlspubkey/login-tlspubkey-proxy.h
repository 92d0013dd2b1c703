#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PROXY_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PROXY_H

struct client;
struct error;

/*
 * In the login process of a proxy: tell the backend the key that this host's
 * auth has checked.
 */

/* Still root: reads the secret. Without one no key is passed on. */
void login_tlspubkey_proxy_init(void);
void login_tlspubkey_proxy_deinit(void);

/*
 * The backend has greeted, and nothing was sent yet. A login without a key is
 * fine. The error is in a line without the name of the client.
 */
int login_tlspubkey_proxy_pass_on(struct client *client,
				  const char *fingerprint, struct error *err_r);

#endif
