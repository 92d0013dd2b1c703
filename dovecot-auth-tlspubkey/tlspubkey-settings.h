#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SETTINGS_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SETTINGS_H

#include <stdbool.h>

struct error;

/* Of the passdb tlspubkey. */
struct tlspubkey_settings {
	char *directory;  /* a URI of common/directory.h */
	bool gate_all;	  /* asked about every login, not only with a key */
	bool any_authzid; /* the key alone says who logs in by EXTERNAL */
};

/* On error nothing is left to release. */
int tlspubkey_settings_init(struct tlspubkey_settings *set_r,
			    const char *directory, const char *gate,
			    const char *authzid, struct error *err_r);

/*
 * As one text, which is what Dovecot 2.3 has: "directory=URI gate=all|key
 * authzid=match|ignore", in any order; each may be left out and may stand once.
 */
int tlspubkey_settings_parse(struct tlspubkey_settings *set_r, const char *args,
			     struct error *err_r);

void tlspubkey_settings_release(struct tlspubkey_settings *set);

#endif
