#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-settings.h"

#include "sieve-settings.h"

/* Of plugin { }; the default if it is unset or empty. */
static const char *
setting(struct sieve_instance *svinst, const char *name, const char * or)
{
	const char *value = sieve_setting_get(svinst, name);

	return value == NULL || *value == '\0' ? or : value;
}

static bool read_create(struct sieve_instance *svinst)
{
	const char *value = setting(svinst, "countersign_list_create", "never");

	if (strcmp(value, "never") != 0 && strcmp(value, "always") != 0)
		e_error(svinst->event,
			"countersign_list_create must be never or always, not "
			"\"%s\"; never is used",
			value);
	return strcmp(value, "always") == 0;
}

static unsigned int read_max_mailboxes(struct sieve_instance *svinst)
{
	const char *value =
		setting(svinst, "countersign_list_max_mailboxes", NULL);
	unsigned int max;

	if (value == NULL)
		return LIST_SETTINGS_MAX_MAILBOXES;
	if (str_to_uint(value, &max) < 0) {
		e_error(svinst->event,
			"countersign_list_max_mailboxes must be a number, not "
			"\"%s\"; %u is used",
			value, LIST_SETTINGS_MAX_MAILBOXES);
		return LIST_SETTINGS_MAX_MAILBOXES;
	}
	return max;
}

int list_settings_read(struct list_settings *settings,
		       struct sieve_instance *svinst)
{
	settings->prefix = list_settings_prefix(
		svinst, setting(svinst, "countersign_list_prefix",
				LIST_SETTINGS_PREFIX));
	settings->create = read_create(svinst);
	settings->max_mailboxes = read_max_mailboxes(svinst);
	return 0;
}
