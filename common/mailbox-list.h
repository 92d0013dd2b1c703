#ifndef COMMON_MAILBOX_LIST_H
#define COMMON_MAILBOX_LIST_H

#include "common/address.h"

#include <stddef.h>

/* Beyond these a field is refused, not cut. */
#define MAILBOX_LIST_MAILBOXES_MAX 256
#define MAILBOX_LIST_COMMENT_DEPTH_MAX 8
/* Octets; Postfix's header_size_limit. */
#define MAILBOX_LIST_FIELD_MAX 102400

struct mailbox {
	char *name; /* display name, unquoted, not decoded; NULL if none */
	struct address address;
};

struct mailbox_list {
	struct mailbox *mailboxes; /* of all groups too, in order */
	size_t count;		   /* at least 1 */
	char **group_names;	   /* as those of mailboxes, "" if none */
	size_t groups;
	/* All of them, without escapes, a space between; NULL if none. */
	char *comments;
};

/*
 * The value of From:, Sender: or Resent-From: and the like: RFC 5322 3.4
 * mailbox-list or address-list with RFC 6854 groups and RFC 6532 text, strict.
 * Folds may be CRLF or LF. The error names what is wrong and where (octet
 * offset from 0).
 *
 * Of the obsolete syntax only the dot in a display name is taken ("John Q.
 * Public <...>"). Refused beyond the grammar, since a reader may show another
 * author than the one checked: a comment or a local part with "<", ">" or "@"
 * in it, a local part with a space at an end, an encoded-word (RFC 2047) in an
 * address, one that does not end in the word, quoted string or comment in which
 * it begins, or one in a comment that holds a bracket, a group without mailbox,
 * an address literal, a folded line of white space alone.
 */
int mailbox_list_parse(struct mailbox_list *list_r, const char *value,
		       size_t len, struct error *err_r);

void mailbox_list_release(struct mailbox_list *list);

#endif
