#include "common/address.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/policy-internal.h"
#include "common/policy-rules.h"
#include "common/utf8.h"

#include <stdio.h>
#include <string.h>

/* The two fields as they were read. */
struct parsed {
	struct mailbox_list from; /* none: nothing that is missing is needed */
	struct mailbox_list sender;
	/* Of what the sender field says; NO without one. */
	enum directory_permission sender_permission;
};

static void release(struct parsed *parsed)
{
	mailbox_list_release(&parsed->from);
	mailbox_list_release(&parsed->sender);
}

static void
note_authors(struct policy_verdict *verdict, const struct mailbox_list *list)
{
	size_t i, used = 0;

	for (i = 0; i < list->count; i++) {
		char *text = address_format(&list->mailboxes[i].address);
		int len = snprintf(verdict->authors + used,
				   sizeof(verdict->authors) - used, "%s%s",
				   i > 0 ? "," : "", text);

		mem_free_string(&text);
		if (len < 0 || (size_t)len >= sizeof(verdict->authors) - used)
			return;
		used += (size_t)len;
	}
}

enum policy_result policy_reject_form(const struct policy_subject *subject,
				      const char *field, const char *reason)
{
	const struct policy_cause cause = {
		.status = POLICY_STATUS_SYNTAX,
		.field = field,
		.reason = reason,
	};

	return policy_reject(subject->verdict, &cause, "%s field: %s", field,
			     reason);
}

static enum policy_result reject_many(const struct policy_subject *subject,
				      const char *field, size_t count)
{
	char *reason = mem_printf("more than one %s field", field);
	const struct policy_cause cause = {
		.status = POLICY_STATUS_SYNTAX,
		.field = field,
		.reason = reason,
	};

	policy_reject(subject->verdict, &cause,
		      "the message has %zu %s fields, where one is allowed",
		      count, field);
	mem_free_string(&reason);
	return POLICY_REJECT;
}

static enum policy_result deny(const struct policy_subject *subject,
			       const char *field, const struct address *address)
{
	const struct policy_denial foreign = {
		.field = field,
		.reason = POLICY_NOT_ALLOWED,
		.may = "may not write as",
	};

	return policy_deny(subject, &foreign, address);
}

/* The field, if it is there, at most once. */
static enum policy_result read_field(const struct policy_subject *subject,
				     const struct policy_originator *originator,
				     const char *name,
				     struct mailbox_list *list_r)
{
	const struct policy_field *field;
	struct error err;
	size_t found = policy_find_field(&field, originator->fields,
					 originator->count, name);

	if (found == 0)
		return POLICY_PASS;
	if (found > 1)
		return reject_many(subject, name, found);
	if (mailbox_list_parse(list_r, field->value, field->value_len, &err) <
	    0)
		return policy_reject_form(subject, name, err.text);
	return POLICY_PASS;
}

static enum policy_result
read_fields(const struct policy_subject *subject,
	    const struct policy_originator *originator, struct parsed *parsed_r)
{
	static const struct policy_cause no_from = {
		.status = POLICY_STATUS_SYNTAX,
		.field = "From",
	};
	enum policy_result result = read_field(
		subject, originator, originator->from, &parsed_r->from);

	if (result != POLICY_PASS)
		return result;
	if (!originator->resent && parsed_r->from.count == 0)
		return policy_reject(subject->verdict, &no_from,
				     "the message has no From field");
	if (!originator->resent)
		note_authors(subject->verdict, &parsed_r->from);
	result = read_field(subject, originator, originator->sender,
			    &parsed_r->sender);
	if (result != POLICY_PASS)
		return result;
	/* RFC 5322 3.6.2 */
	if (parsed_r->sender.count > 1 || parsed_r->sender.groups > 0)
		return policy_reject_form(
			subject, originator->sender,
			"one address, without a group, is allowed");
	return POLICY_PASS;
}

static enum policy_result
check_sender(const struct policy_subject *subject,
	     const struct policy_originator *originator, struct parsed *parsed)
{
	const struct address *address;
	struct error err;

	if (parsed->sender.count == 0)
		return POLICY_PASS;
	address = &parsed->sender.mailboxes[0].address;
	parsed->sender_permission = policy_permission(subject, address, &err);
	switch (parsed->sender_permission) {
	case DIRECTORY_PERMISSION_FAILED:
		return policy_defer(subject->verdict, &err);
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_NO:
	case DIRECTORY_PERMISSION_ON_BEHALF:
		break;
	}
	return deny(subject, originator->sender, address);
}

static enum policy_result
check_author(const struct policy_subject *subject,
	     const struct policy_originator *originator,
	     const struct address *author, const struct address **behalf)
{
	struct error err;

	switch (policy_permission(subject, author, &err)) {
	case DIRECTORY_PERMISSION_FAILED:
		return policy_defer(subject->verdict, &err);
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_ON_BEHALF:
		*behalf = author;
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_NO:
		break;
	}
	return deny(subject, originator->from, author);
}

/* Puts text into verdict->sender if it is an address of the account's own. */
static enum directory_permission
try_sender(const struct policy_subject *subject, const char *text,
	   struct error *err_r)
{
	enum directory_permission permission;
	struct address address;
	char *formatted;

	if (text == NULL || address_parse(&address, text, NULL) < 0)
		return DIRECTORY_PERMISSION_NO;
	permission = policy_permission(subject, &address, err_r);
	if (permission == DIRECTORY_PERMISSION_OWN) {
		formatted = address_format(&address);
		(void)snprintf(subject->verdict->sender,
			       sizeof(subject->verdict->sender), "%s",
			       formatted);
		mem_free_string(&formatted);
	}
	address_release(&address);
	return permission;
}

/* RFC 6409 8.1: the sender, by the address that the client itself gave. */
static enum policy_result
add_sender(const struct policy_subject *subject, const struct address *behalf)
{
	static const struct policy_denial nothing_to_add = {
		.field = "From",
		.reason = "granted on behalf, without a Sender field or an "
			  "envelope sender of its own",
		.may = "may write on behalf of",
		.more = " only with a Sender field or an envelope sender "
			"that is an address of its own",
	};
	const struct policy_question *question = subject->question;
	/* Beyond ASCII only what MAIL gave, and SMTPUTF8 with it. */
	const char *const candidates[] = {
		question->mail_from,
		utf8_is_ascii(question->login) ? question->login : NULL,
	};
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		switch (try_sender(subject, candidates[i], &err)) {
		case DIRECTORY_PERMISSION_FAILED:
			return policy_defer(subject->verdict, &err);
		case DIRECTORY_PERMISSION_OWN:
			return POLICY_PASS;
		case DIRECTORY_PERMISSION_NO:
		case DIRECTORY_PERMISSION_GRANTED:
		case DIRECTORY_PERMISSION_ON_BEHALF:
			break;
		}
	}
	return policy_deny(subject, &nothing_to_add, behalf);
}

/* Where several authors or another's stand, whose the Sender is. */
static enum policy_result
check_responsible(const struct policy_subject *subject,
		  const struct policy_originator *originator,
		  const struct parsed *parsed, const struct address *behalf)
{
	const struct policy_denial no_own_sender = {
		.field = originator->from,
		.reason = "granted on behalf, without a Sender field of its "
			  "own",
		.may = "may write on behalf of",
		.more = " only with a Sender field that holds an address of "
			"its own",
	};
	const struct policy_denial not_responsible = {
		.field = originator->sender,
		.reason = "several authors, without a Sender field of its own",
		.may = "may not write for several authors as",
	};

	if (parsed->from.count < 2 && behalf == NULL)
		return POLICY_PASS;
	if (parsed->sender_permission == DIRECTORY_PERMISSION_OWN)
		return POLICY_PASS;
	/* RFC 5322 3.6.2 */
	if (parsed->from.count > 1 && parsed->sender.count == 0)
		return policy_reject_form(
			subject, originator->from,
			originator->resent ? "several addresses need a "
					     "Resent-Sender field"
					   : "several addresses need a Sender "
					     "field");
	if (parsed->sender.count == 0 && !originator->resent)
		return add_sender(subject, behalf);
	if (behalf != NULL)
		return policy_deny(subject, &no_own_sender, behalf);
	return policy_deny(subject, &not_responsible,
			   &parsed->sender.mailboxes[0].address);
}

/* What both fields show; the addresses only where they have to be its own. */
static enum policy_result
check_names(const struct policy_subject *subject,
	    const struct policy_originator *originator,
	    const struct parsed *parsed, bool addresses_matter)
{
	enum policy_result result = policy_check_names(
		subject, originator->from, &parsed->from, addresses_matter);

	if (result == POLICY_PASS)
		result = policy_check_names(subject, originator->sender,
					    &parsed->sender, addresses_matter);
	return result;
}

static enum policy_result
check_parsed(const struct policy_subject *subject,
	     const struct policy_originator *originator, struct parsed *parsed)
{
	const struct address *behalf = NULL;
	enum policy_result result = check_sender(subject, originator, parsed);
	size_t i;

	for (i = 0; i < parsed->from.count && result == POLICY_PASS; i++)
		result = check_author(subject, originator,
				      &parsed->from.mailboxes[i].address,
				      &behalf);
	if (result == POLICY_PASS)
		result =
			check_names(subject, originator, parsed,
				    subject->question->rules->address_in_name ==
					    POLICY_ADDRESS_IN_NAME_REJECT);
	if (result == POLICY_PASS)
		result = check_responsible(subject, originator, parsed, behalf);
	return result;
}

enum policy_result policy_check_form(const struct policy_subject *subject,
				     const struct policy_originator *originator)
{
	struct parsed parsed = { .sender_permission = DIRECTORY_PERMISSION_NO };
	enum policy_result result = read_fields(subject, originator, &parsed);

	if (result == POLICY_PASS)
		result = check_names(subject, originator, &parsed, false);
	release(&parsed);
	return result;
}

enum policy_result
policy_check_originator(const struct policy_subject *subject,
			const struct policy_originator *originator)
{
	struct parsed parsed = { .sender_permission = DIRECTORY_PERMISSION_NO };
	enum policy_result result = read_fields(subject, originator, &parsed);

	if (result == POLICY_PASS)
		result = check_parsed(subject, originator, &parsed);
	release(&parsed);
	return result;
}
