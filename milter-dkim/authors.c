#include "milter-dkim/authors.h"

#include "common/error.h"
#include "common/policy.h"

static int read_field(struct mailbox_list *list_r,
		      const struct policy_field *fields, size_t count,
		      const char *name, struct error *err_r)
{
	const struct policy_field *field;
	size_t found = policy_find_field(&field, fields, count, name);

	if (found == 0)
		return error_set(err_r, "no %s field", name);
	if (found > 1)
		return error_set(err_r, "more than one %s field", name);
	if (mailbox_list_parse(list_r, field->value, field->value_len, err_r) <
	    0)
		return error_prefix(err_r, "%s", name);
	return 0;
}

int authors_read(struct authors *authors_r, const struct policy_field *fields,
		 size_t count, enum authors_several several,
		 struct error *err_r)
{
	struct mailbox_list *sender = &authors_r->sender;

	*authors_r = (struct authors){ .from = { .count = 0 } };
	if (read_field(&authors_r->from, fields, count, "From", err_r) < 0)
		return -1;
	if (authors_r->from.count == 1 || several == AUTHORS_FIRST)
		return 0;
	if (read_field(sender, fields, count, "Sender", err_r) < 0)
		return error_prefix(err_r, "several authors");
	/* RFC 5322 3.6.2 */
	if (sender->count > 1 || sender->groups > 0)
		return error_set(err_r, "several authors: Sender: one address, "
					"without a group, is allowed");
	return 0;
}

void authors_release(struct authors *authors)
{
	mailbox_list_release(&authors->from);
	mailbox_list_release(&authors->sender);
}

const struct address *authors_signer(const struct authors *authors)
{
	const struct mailbox_list *list =
		authors->sender.count > 0 ? &authors->sender : &authors->from;

	return &list->mailboxes[0].address;
}
