#ifndef DOVECOT_AUTH_TLSPUBKEY_MECH_PROBE_H
#define DOVECOT_AUTH_TLSPUBKEY_MECH_PROBE_H

#include <stdbool.h>

struct auth_request;
struct event;

/*
 * What the mechanism TLSPUBKEY does, which is offered to nobody: a login
 * process asks whether a client may be logged in by its key before it has said
 * anything. The answer is a challenge and never a success, nor a failure that
 * would be delayed or counted.
 */

/* False, and logged, if there is nothing to ask the passdb. */
bool mech_probe_begin(struct auth_request *request, struct event *event);

/* accepted: what the passdb said. TLSPUBKEY_PROBE_YES or _NO. */
const char *
mech_probe_answer(const struct auth_request *request, bool accepted);

#endif
