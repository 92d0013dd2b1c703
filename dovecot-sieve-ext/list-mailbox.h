#ifndef DOVECOT_SIEVE_EXT_LIST_MAILBOX_H
#define DOVECOT_SIEVE_EXT_LIST_MAILBOX_H

#include <stdbool.h>

struct error;
struct list;

/*
 * Octets of a mailbox's own name. A folder's name on disk holds the prefix
 * too, in Maildir++ and UTF-7, and may not exceed 255.
 */
#define LIST_MAILBOX_NAME_MAX 120
#define LIST_MAILBOX_PREFIX_MAX 64

/*
 * The name of a list's mailbox, one level: "LABEL@HOST", with '_' for dots and
 * for what may not stand in a mailbox name in any layout. A name that had to
 * be cut, or that another id could have too, ends in "-" and 16 hex digits of
 * the id's hash. So it follows from the id alone: it never changes, two ids
 * have two mailboxes, and it is never a reserved name (INBOX, Trash ...), as it
 * holds '@' or a hash.
 */
char *list_mailbox_name(const struct list *list);

/*
 * The mailbox that holds the lists' mailboxes, as a site or a script writes
 * it: levels divided by '/', none empty, "." or "..", nothing invisible, no
 * control character, '%', '*' or leading '~'; 1..LIST_MAILBOX_PREFIX_MAX
 * octets.
 */
int list_mailbox_prefix_check(const char *prefix, struct error *err_r);

/*
 * The whole name: the namespace's prefix (unless the prefix begins with it),
 * prefix, name, with the namespace's separator between levels. NULL if the
 * separator is one that names may hold ('.', '/', '\\' and '^' are not).
 */
char *list_mailbox_path(const char *namespace_prefix, char separator,
			const char *prefix, const char *name);

#endif
