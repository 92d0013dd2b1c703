#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PLUGIN_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_PLUGIN_H

struct module;

extern const char *login_tlspubkey_plugin_version;

/*
 * Every login process: asks the client for a certificate, tells auth the key
 * that came, offers EXTERNAL to who has one, and lets nobody with a key in
 * whom passdb tlspubkey has not seen.
 */
void login_tlspubkey_plugin_init(struct module *module);
void login_tlspubkey_plugin_deinit(void);

#endif
