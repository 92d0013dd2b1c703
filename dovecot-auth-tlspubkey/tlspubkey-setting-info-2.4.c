#include "lib.h"
#include "settings-parser.h"

#include "common/directory.h"
#include "dovecot-auth-tlspubkey/tlspubkey-setting-info-2.4.h"

static const struct setting_define defines[] = {
	{ .type = SET_FILTER_NAME, .key = "passdb_tlspubkey" },
	SETTING_DEFINE_STRUCT_STR_NOVARS("passdb_tlspubkey_directory",
					 directory,
					 struct passdb_tlspubkey_settings),
	SETTING_DEFINE_STRUCT_ENUM("passdb_tlspubkey_gate", gate,
				   struct passdb_tlspubkey_settings),
	SETTING_DEFINE_STRUCT_ENUM("passdb_tlspubkey_authzid", authzid,
				   struct passdb_tlspubkey_settings),
	SETTING_DEFINE_LIST_END,
};

static const struct passdb_tlspubkey_settings defaults = {
	.directory = DIRECTORY_DEFAULT_URI,
	.gate = "all:key",
	.authzid = "match:ignore",
};

const struct setting_parser_info passdb_tlspubkey_setting_parser_info = {
	.name = "passdb_tlspubkey",
	.defines = defines,
	.defaults = &defaults,
	.struct_size = sizeof(struct passdb_tlspubkey_settings),
	.pool_offset1 = 1 + offsetof(struct passdb_tlspubkey_settings, pool),
};

const char *tlspubkey_settings_version = DOVECOT_ABI_VERSION;

const struct setting_parser_info *tlspubkey_settings_set_infos[] = {
	&passdb_tlspubkey_setting_parser_info,
	NULL,
};
