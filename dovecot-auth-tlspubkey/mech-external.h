#ifndef DOVECOT_AUTH_TLSPUBKEY_MECH_EXTERNAL_H
#define DOVECOT_AUTH_TLSPUBKEY_MECH_EXTERNAL_H

#include <stdbool.h>
#include <stddef.h>

struct auth_request;
struct event;

/*
 * What the mechanism EXTERNAL does. How Dovecot calls it is in
 * mech-tlspubkey.c, and since 2.4.2 in mech-tlspubkey-sasl.c.
 */

/*
 * In mech_tlspubkey_init(): say it if Dovecot's own EXTERNAL stays; end auth if
 * the passdb does not.
 */
void mech_external_check_order(void);

/*
 * Of the client's only message, data: who is to be asked about. False, and
 * logged, if it is to be refused.
 */
bool mech_external_begin(struct auth_request *request, struct event *event,
			 const void *data, size_t size);

/* After a passdb has said OK: was it ours? If not, that is logged. */
bool mech_external_accept(struct auth_request *request, struct event *event);

#endif
