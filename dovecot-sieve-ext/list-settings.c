#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-settings.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "common/error.h"

#define DEFAULT_PREFIX "Lists"
#define DEFAULT_MAX_MAILBOXES 200

/* A setting that can't be understood never allows more than its default. */
void list_settings_read(struct list_settings *settings,
			struct sieve_instance *svinst)
{
	const char *prefix =
		countersign_setting_get(svinst, "countersign_list_prefix");
	const char *create =
		countersign_setting_get(svinst, "countersign_list_create");
	const char *max = countersign_setting_get(
		svinst, "countersign_list_max_mailboxes");
	struct error err;

	settings->prefix = DEFAULT_PREFIX;
	if (prefix == NULL || *prefix == '\0')
		;
	else if (list_mailbox_prefix_check(prefix, &err) == 0)
		settings->prefix = prefix;
	else
		e_error(svinst->event,
			"countersign_list_prefix: %s; " DEFAULT_PREFIX
			" is used",
			err.text);
	settings->prefix = p_strdup(svinst->pool, settings->prefix);

	if (create == NULL || *create == '\0' || strcmp(create, "never") == 0)
		settings->create = FALSE;
	else if (strcmp(create, "always") == 0)
		settings->create = TRUE;
	else
		e_error(svinst->event,
			"countersign_list_create must be never or always, not "
			"\"%s\"; never is used",
			create);

	settings->max_mailboxes = DEFAULT_MAX_MAILBOXES;
	if (max != NULL && *max != '\0' &&
	    str_to_uint(max, &settings->max_mailboxes) < 0) {
		settings->max_mailboxes = DEFAULT_MAX_MAILBOXES;
		e_error(svinst->event,
			"countersign_list_max_mailboxes must be a number, not "
			"\"%s\"; %u is used",
			max, DEFAULT_MAX_MAILBOXES);
	}
}

const struct list_settings *list_settings_of(const struct sieve_extension *ext)
{
	return ext->context;
}
