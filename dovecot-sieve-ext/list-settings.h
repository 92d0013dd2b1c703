#ifndef DOVECOT_SIEVE_EXT_LIST_SETTINGS_H
#define DOVECOT_SIEVE_EXT_LIST_SETTINGS_H

#include <stdbool.h>

struct sieve_extension;
struct sieve_instance;

/* The site's policy, from plugin { }. */
struct list_settings {
	const char *prefix;	    /* countersign_list_prefix */
	bool create;		    /* countersign_list_create = always */
	unsigned int max_mailboxes; /* countersign_list_max_mailboxes */
};

/*
 * What can't be understood is logged and its default taken. Strings live as
 * long as svinst.
 */
void list_settings_read(struct list_settings *settings,
			struct sieve_instance *svinst);

/* Those that the extension was loaded with. */
const struct list_settings *list_settings_of(const struct sieve_extension *ext);

#endif
