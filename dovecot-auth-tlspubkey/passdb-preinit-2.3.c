#include "dovecot-auth-tlspubkey/passdb-tlspubkey.h"

#include "common/error.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

struct passdb_module *passdb_tlspubkey_preinit(pool_t pool, const char *args)
{
	struct passdb_module *module = NULL;
	struct tlspubkey_settings set;
	struct error err;

	if (tlspubkey_settings_parse(&set, args, &err) == 0)
		module = passdb_tlspubkey_new(pool, &set, &err);
	if (module == NULL)
		i_fatal("passdb tlspubkey: args: %s", err.text);
	return module;
}
