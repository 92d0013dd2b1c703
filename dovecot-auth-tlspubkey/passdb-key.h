#ifndef DOVECOT_AUTH_TLSPUBKEY_PASSDB_KEY_H
#define DOVECOT_AUTH_TLSPUBKEY_PASSDB_KEY_H

#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

/*
 * In auth itself: what login processes and proxies say of the key that a client
 * has proved. Workers believe what auth tells them.
 */

/* While it is root: the secrets are read. Without one its keys are UNSURE. */
void passdb_key_init(void);
void passdb_key_deinit(void);

enum passdb_key {
	PASSDB_KEY_NONE,
	PASSDB_KEY_GOOD, /* and is in TLSPUBKEY_FIELD_KEY */
	PASSDB_KEY_REFUSED,
	PASSDB_KEY_UNSURE, /* to be tried again */
};

/*
 * What was said is taken out of the request, so that it goes to no proxy's
 * backend, and so are any fields that only we set.
 */
enum passdb_key passdb_key_take(struct auth_request *request);

#endif
