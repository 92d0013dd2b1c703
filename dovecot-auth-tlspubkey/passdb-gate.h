#ifndef DOVECOT_AUTH_TLSPUBKEY_PASSDB_GATE_H
#define DOVECOT_AUTH_TLSPUBKEY_PASSDB_GATE_H

#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

struct directory;
struct passdb_attempt;
struct tlspubkey_settings;

/* In an auth worker: the gate's answer to a request, as Dovecot has answers. */

/* Is it the key, or the question for it, that would log the client in? */
bool passdb_gate_by_key(const struct auth_request *request);

/* attempt_r: to be noted when this is answered; NULL if it is none. */
enum passdb_result passdb_gate_ask(struct auth_request *request,
				   const struct tlspubkey_settings *set,
				   struct directory *dir,
				   struct passdb_attempt **attempt_r);

#endif
