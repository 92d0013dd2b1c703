#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-settings.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "common/error.h"

const char *
list_settings_prefix(struct sieve_instance *svinst, const char *prefix)
{
	struct error err;

	if (list_mailbox_prefix_check(prefix, &err) < 0) {
		e_error(svinst->event,
			"countersign_list_prefix: %s; " LIST_SETTINGS_PREFIX
			" is used",
			err.text);
		prefix = LIST_SETTINGS_PREFIX;
	}
	return p_strdup(svinst->pool, prefix);
}

const struct list_settings *list_settings_of(const struct sieve_extension *ext)
{
	return ext->context;
}
