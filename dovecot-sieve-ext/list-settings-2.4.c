#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-settings.h"
#include "dovecot-sieve-ext/list-setting-info-2.4.h"

#include "settings.h"

/*
 * Dovecot has refused what is no number and neither never nor always; the
 * prefix is checked here.
 */
int list_settings_read(struct list_settings *settings,
		       struct sieve_instance *svinst)
{
	const struct countersign_list_settings *values;
	const char *error;

	if (settings_get(svinst->event, &countersign_list_setting_parser_info,
			 0, &values, &error) < 0) {
		e_error(svinst->event, "%s", error);
		return -1;
	}
	settings->prefix = list_settings_prefix(svinst, values->prefix);
	settings->create = strcmp(values->create, "always") == 0;
	settings->max_mailboxes = values->max_mailboxes;
	settings_free(values);
	return 0;
}
