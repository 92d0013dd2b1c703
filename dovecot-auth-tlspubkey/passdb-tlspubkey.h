#ifndef DOVECOT_AUTH_TLSPUBKEY_PASSDB_TLSPUBKEY_H
#define DOVECOT_AUTH_TLSPUBKEY_PASSDB_TLSPUBKEY_H

#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

struct error;
struct tlspubkey_settings;

/* Takes the settings over; NULL if there is no such directory. */
struct passdb_module *passdb_tlspubkey_new(pool_t pool,
					   struct tlspubkey_settings *set,
					   struct error *err_r);

/*
 * What Dovecot calls for each passdb in the configuration: finds its settings
 * and makes it. Settings come and errors go in another way in each version, so
 * it is in passdb-preinit-2.3.c or passdb-preinit-2.4.c.
 */
extern __typeof__(*((struct passdb_module_interface *)NULL)
			   ->preinit) passdb_tlspubkey_preinit;

#endif
