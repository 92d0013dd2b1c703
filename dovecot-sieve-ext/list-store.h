#ifndef DOVECOT_SIEVE_EXT_LIST_STORE_H
#define DOVECOT_SIEVE_EXT_LIST_STORE_H

#include <stdbool.h>

struct list;
struct sieve_extension;
struct sieve_runtime_env;
struct sieve_side_effects_list;

/* What "filelist" was told. */
struct list_store_request {
	const struct list *list;
	const char *under; /* NULL: the site's prefix */
	bool create;
};

/*
 * Where the list's mail goes: *mailbox_r (on the data stack) is the mailbox,
 * NULL if the message stays where it would go without us; the reason is
 * logged. If the mailbox has to be made, that is added to *effects, which is
 * made if it is NULL. Returns a SIEVE_EXEC_ status; a storage that doesn't
 * answer is SIEVE_EXEC_TEMP_FAILURE.
 */
int list_store_find(const struct sieve_extension *ext,
		    const struct sieve_runtime_env *renv,
		    const struct list_store_request *request,
		    struct sieve_side_effects_list **effects,
		    const char **mailbox_r);

#endif
