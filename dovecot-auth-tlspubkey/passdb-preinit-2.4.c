#include "dovecot-auth-tlspubkey/passdb-tlspubkey.h"

#include "settings.h"

#include "common/error.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"
#include "dovecot-auth-tlspubkey/tlspubkey-setting-info-2.4.h"

int passdb_tlspubkey_preinit(pool_t pool, COMPAT_PREINIT_PARAMETERS,
			     struct passdb_module **module_r,
			     const char **error_r)
{
	const struct passdb_tlspubkey_settings *values;
	struct tlspubkey_settings set;
	struct error err;
	int ret;

	if (settings_get(event, &passdb_tlspubkey_setting_parser_info, 0,
			 &values, error_r) < 0)
		return -1;
	ret = tlspubkey_settings_init(&set, values->directory, values->gate,
				      values->authzid, &err);
	settings_free(values);
	*module_r = ret < 0 ? NULL : passdb_tlspubkey_new(pool, &set, &err);
	if (*module_r != NULL)
		return 0;
	*error_r = t_strdup(err.text);
	return -1;
}
