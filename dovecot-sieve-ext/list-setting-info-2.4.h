#ifndef DOVECOT_SIEVE_EXT_LIST_SETTING_INFO_2_4_H
#define DOVECOT_SIEVE_EXT_LIST_SETTING_INFO_2_4_H

/* What Dovecot 2.4 reads from its configuration; see list-settings.h. */
struct countersign_list_settings {
	pool_t pool;
	const char *prefix;
	const char *create;
	unsigned int max_mailboxes;
};

extern const struct setting_parser_info countersign_list_setting_parser_info;

/* Of the settings module, by which doveconf and config know them. */
extern const char *sieve_countersign_settings_version;
extern const struct setting_parser_info *sieve_countersign_settings_set_infos[];

#endif
