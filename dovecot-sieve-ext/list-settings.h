#ifndef DOVECOT_SIEVE_EXT_LIST_SETTINGS_H
#define DOVECOT_SIEVE_EXT_LIST_SETTINGS_H

#include <stdbool.h>

struct sieve_extension;
struct sieve_instance;

#define LIST_SETTINGS_PREFIX "Lists"
#define LIST_SETTINGS_MAX_MAILBOXES 200

/* The site's policy. */
struct list_settings {
	const char *prefix;	    /* countersign_list_prefix */
	bool create;		    /* countersign_list_create = always */
	unsigned int max_mailboxes; /* countersign_list_max_mailboxes */
};

/*
 * What can't be understood is logged and its default taken: a setting never
 * allows more than that by mistake. Strings live as long as svinst. -1 if
 * there are no settings to be had, which is logged. Each version keeps them
 * elsewhere: list-settings-2.3.c, list-settings-2.4.c.
 */
int list_settings_read(struct list_settings *settings,
		       struct sieve_instance *svinst);

/* The prefix if it is good, and else, logged, its default. */
const char *
list_settings_prefix(struct sieve_instance *svinst, const char *prefix);

/* Those that the extension was loaded with. */
const struct list_settings *list_settings_of(const struct sieve_extension *ext);

#endif
