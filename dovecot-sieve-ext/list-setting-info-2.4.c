#include "lib.h"
#include "settings-parser.h"

#include "dovecot-sieve-ext/list-setting-info-2.4.h"
#include "dovecot-sieve-ext/list-settings.h"

#define DEFINE(type, name)                                                     \
	SETTING_DEFINE_STRUCT_##type("countersign_list_" #name, name,          \
				     struct countersign_list_settings)

static const struct setting_define defines[] = {
	DEFINE(STR_NOVARS, prefix),
	DEFINE(ENUM, create),
	DEFINE(UINT, max_mailboxes),
	SETTING_DEFINE_LIST_END,
};

static const struct countersign_list_settings defaults = {
	.prefix = LIST_SETTINGS_PREFIX,
	.create = "never:always",
	.max_mailboxes = LIST_SETTINGS_MAX_MAILBOXES,
};

const struct setting_parser_info countersign_list_setting_parser_info = {
	.name = "countersign_list",
	.defines = defines,
	.defaults = &defaults,
	.struct_size = sizeof(struct countersign_list_settings),
	.pool_offset1 = 1 + offsetof(struct countersign_list_settings, pool),
};

const char *sieve_countersign_settings_version = DOVECOT_ABI_VERSION;

const struct setting_parser_info *sieve_countersign_settings_set_infos[] = {
	&countersign_list_setting_parser_info,
	NULL,
};
