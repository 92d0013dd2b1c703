#ifndef DOVECOT_AUTH_TLSPUBKEY_PASSDB_RULES_H
#define DOVECOT_AUTH_TLSPUBKEY_PASSDB_RULES_H

#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

/*
 * What the configuration says of passdbs, theirs and ours, could lead logins
 * past the gate. So it does not count for them:
 *
 * - ours is asked about every login, and its answer is what it says;
 * - what stands before ours, which must be the first, lets nobody in;
 * - a master passdb says who the master user is, and then ours is asked about
 *   the user.
 */

/* Once, in auth itself, for the passdbs whose driver is this one. */
void passdb_rules_fix(const char *driver);

/* Is the first passdb of that driver? */
bool passdb_rules_first(const struct auth *auth, const char *driver);

/*
 * Has a master passdb let the request in, so that nothing but the gate is to
 * be asked? Not so if it has pass = yes.
 */
bool passdb_rules_master_done(const struct auth_request *request);

#endif
