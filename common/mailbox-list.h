#ifndef COMMON_MAILBOX_LIST_H
#define COMMON_MAILBOX_LIST_H

#include "common/address.h"

#include <stddef.h>

/* Beyond these a field is refused, not cut. */
#define MAILBOX_LIST_MAILBOXES_MAX 256
#define MAILBOX_LIST_FIELD_MAX                                                 \
	102400 /* octets; Postfix's header_size_limit                          \
		*/

struct mailbox {
	char *name; /* display name as written, unquoted; NULL if none */
	struct address address;
};

struct mailbox_list {
	struct mailbox *mailboxes; /* of all groups too, in order */
	size_t count;		   /* at least 1 */
	size_t groups;
};

/*
 * The value of From:, Sender: or Resent-From: and the like: RFC 5322 3.4
 * mailbox-list or address-list with RFC 6854 groups and RFC 6532 text, strict.
 * Folds may be CRLF or LF. A list without any mailbox (an empty group) is an
 * error, since nobody would be the author. The error names what is wrong and
 * where (octet offset from 0).
 */
int mailbox_list_parse(struct mailbox_list *list_r, const char *value,
		       size_t len, struct error *err_r);

void mailbox_list_release(struct mailbox_list *list);

#endif
