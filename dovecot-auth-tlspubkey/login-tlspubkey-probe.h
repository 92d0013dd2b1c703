#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PROBE_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PROBE_H

struct client;

/* good: the client may be logged in by its key. */
typedef void login_probe_callback(struct client *client, bool good);

/*
 * Ask auth, once, about a client with a key. Unlike a login, the question is
 * not counted, and so neither delayed nor punished. The callback is called
 * later; not if the client is aborted. False if auth cannot be asked.
 */
bool login_probe_start(struct client *client, login_probe_callback *callback);

/* When the client goes, at whatever time. */
void login_probe_abort(struct client *client);

#endif
