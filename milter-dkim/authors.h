#ifndef MILTER_DKIM_AUTHORS_H
#define MILTER_DKIM_AUTHORS_H

#include "common/mailbox-list.h"

#include <stddef.h>

struct error;
struct policy_field;

/* By whom a message of several authors is signed. */
enum authors_several {
	AUTHORS_FIRST,
	AUTHORS_SENDER,
};

/* Whose message it is, as far as that decides which domain signs it. Pure. */
struct authors {
	struct mailbox_list from;
	struct mailbox_list sender; /* empty where it does not decide */
};

/*
 * Exactly one From:, and of several authors exactly one Sender: of one address
 * if that is to decide. The error says why the message is nobody's; either way
 * there is something to release.
 */
int authors_read(struct authors *authors_r, const struct policy_field *fields,
		 size_t count, enum authors_several several,
		 struct error *err_r);
void authors_release(struct authors *authors);

/* By whose domain the message is signed. */
const struct address *authors_signer(const struct authors *authors);

#endif
