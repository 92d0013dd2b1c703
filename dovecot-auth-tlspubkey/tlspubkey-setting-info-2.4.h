#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SETTING_INFO_2_4_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SETTING_INFO_2_4_H

/* The passdb's settings as Dovecot 2.4 reads them; see tlspubkey-settings.h. */
struct passdb_tlspubkey_settings {
	pool_t pool;
	const char *directory;
	const char *gate;
	const char *authzid;
};

extern const struct setting_parser_info passdb_tlspubkey_setting_parser_info;

/* Of the settings module, by which doveconf and config know them. */
extern const char *tlspubkey_settings_version;
extern const struct setting_parser_info *tlspubkey_settings_set_infos[];

#endif
