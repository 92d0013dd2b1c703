#include "common/policy.h"

#include "common/address.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/policy-internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 3463 3.7: media error. */
#define STATUS_SYNTAX "5.6.0"

static const struct policy_cause syntax = { .status = STATUS_SYNTAX };
static const struct policy_cause no_from = {
	.status = STATUS_SYNTAX,
	.field = "From",
};
static const struct policy_cause many_from = {
	.status = STATUS_SYNTAX,
	.field = "From",
	.reason = "more than one From field",
};

static const struct policy_denial foreign_author = {
	.field = "From",
	.reason = POLICY_NOT_ALLOWED,
	.may = "may not write as",
	.where = "(From field)",
};
static const struct policy_denial on_behalf = {
	.field = "From",
	.reason = "granted on behalf, without a Sender field of its own",
	.may = "may write on behalf of",
	.where = "(From field) only with one Sender field that holds an "
		 "address of its own",
};

enum policy_result policy_too_much(struct policy_verdict *verdict)
{
	return policy_reject(
		verdict, &syntax,
		"the From and Sender fields are too many or too long");
}

bool policy_has_stray_cr(const char *value)
{
	while ((value = strchr(value, '\r')) != NULL) {
		if (*++value != '\n')
			return true;
	}
	return false;
}

enum policy_result policy_stray_cr(struct policy_verdict *verdict)
{
	return policy_reject(
		verdict, &syntax,
		"a CR stands alone in the header, and could be shown as "
		"the end of a field");
}

static bool is_named(const char *field_name, const char *name)
{
	size_t len = strlen(field_name);

	while (len > 0 && strchr(" \t", field_name[len - 1]) != NULL)
		len--;
	return len == strlen(name) && strncasecmp(field_name, name, len) == 0;
}

bool policy_reads_field(const char *name)
{
	return is_named(name, "From") || is_named(name, "Sender");
}

static bool is_too_much(const struct policy_field *fields, size_t count)
{
	size_t i, read = 0, octets = 0;

	for (i = 0; i < count; i++) {
		if (!policy_reads_field(fields[i].name))
			continue;
		read++;
		/* With its colon, as field-list.c counts. */
		octets += strlen(fields[i].name) + 1 + fields[i].value_len;
	}
	return read > POLICY_FIELDS_MAX || octets > POLICY_OCTETS_MAX;
}

/* The number of fields of this name; the last of them in *field_r. */
static size_t find_field(const struct policy_field **field_r,
			 const struct policy_field *fields, size_t count,
			 const char *name)
{
	size_t i, found = 0;

	*field_r = NULL;
	for (i = 0; i < count; i++) {
		if (is_named(fields[i].name, name)) {
			*field_r = &fields[i];
			found++;
		}
	}
	return found;
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

static enum policy_result reject_field(const struct policy_subject *subject,
				       const char *field,
				       const struct error *err)
{
	const struct policy_cause cause = {
		.status = STATUS_SYNTAX,
		.field = field,
		.reason = err->text,
	};

	return policy_reject(subject->verdict, &cause, "%s field: %s", field,
			     err->text);
}

/* Is there one Sender: that holds one address of the account's own? */
static enum policy_result check_sender(const struct policy_subject *subject,
				       const struct policy_field *fields,
				       size_t count,
				       const struct mailbox *author)
{
	const struct policy_field *field;
	enum directory_permission found = DIRECTORY_PERMISSION_NO;
	struct mailbox_list list;
	struct error err;

	if (find_field(&field, fields, count, "Sender") == 1) {
		if (mailbox_list_parse(&list, field->value, field->value_len,
				       &err) < 0)
			return reject_field(subject, "Sender", &err);
		if (list.count == 1 && list.groups == 0)
			found = policy_permission(
				subject, &list.mailboxes[0].address, &err);
		mailbox_list_release(&list);
	}
	switch (found) {
	case DIRECTORY_PERMISSION_FAILED:
		return policy_defer(subject->verdict, &err);
	case DIRECTORY_PERMISSION_OWN:
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_NO:
	case DIRECTORY_PERMISSION_GRANTED:
	case DIRECTORY_PERMISSION_ON_BEHALF:
		break;
	}
	return policy_deny(subject, &on_behalf, &author->address);
}

static enum policy_result check_author(const struct policy_subject *subject,
				       const struct policy_field *fields,
				       size_t count,
				       const struct mailbox *author)
{
	struct error err;

	switch (policy_permission(subject, &author->address, &err)) {
	case DIRECTORY_PERMISSION_FAILED:
		return policy_defer(subject->verdict, &err);
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_ON_BEHALF:
		return check_sender(subject, fields, count, author);
	case DIRECTORY_PERMISSION_NO:
		break;
	}
	return policy_deny(subject, &foreign_author, &author->address);
}

static enum policy_result check_from(const struct policy_subject *subject,
				     const struct policy_field *fields,
				     size_t count)
{
	const struct policy_field *from;
	enum policy_result result = POLICY_PASS;
	struct mailbox_list list;
	struct error err;
	size_t i, found = find_field(&from, fields, count, "From");

	if (is_too_much(fields, count))
		return policy_too_much(subject->verdict);
	if (found == 0)
		return policy_reject(subject->verdict, &no_from,
				     "the message has no From field");
	if (found > 1)
		return policy_reject(
			subject->verdict, &many_from,
			"the message has %zu From fields, where one is "
			"allowed",
			found);
	if (mailbox_list_parse(&list, from->value, from->value_len, &err) < 0)
		return reject_field(subject, "From", &err);
	note_authors(subject->verdict, &list);
	for (i = 0; i < list.count && result == POLICY_PASS; i++)
		result = check_author(subject, fields, count,
				      &list.mailboxes[i]);
	mailbox_list_release(&list);
	return result;
}

enum policy_result policy_check_header(struct directory *dir, const char *login,
				       const struct policy_field *fields,
				       size_t count, time_t now,
				       struct policy_verdict *verdict_r)
{
	struct policy_subject subject = {
		.dir = dir, .login = login, .now = now, .verdict = verdict_r
	};
	enum policy_result result;

	policy_pass(verdict_r);
	result = policy_find_account(&subject);
	if (result != POLICY_PASS)
		return result;
	result = check_from(&subject, fields, count);
	directory_account_release(&subject.account);
	return result;
}
