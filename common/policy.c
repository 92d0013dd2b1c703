#include "common/policy.h"

#include "common/address.h"
#include "common/directory.h"
#include "common/mem.h"
#include "common/policy-internal.h"

#include <stdio.h>

/* RFC 3463 3.2: bad sender's mailbox syntax. */
#define STATUS_ENVELOPE "5.1.7"

static const struct policy_cause no_account = {
	.status = POLICY_STATUS_DENIED,
	.reason = "the login belongs to no account",
};
static const struct policy_cause disabled = {
	.status = POLICY_STATUS_DENIED,
	.reason = "the account is disabled",
};

static const struct policy_denial foreign = {
	.field = POLICY_ENVELOPE,
	.reason = POLICY_NOT_ALLOWED,
	.may = "may not send as",
	.where = "(envelope sender)",
};
static const struct policy_denial on_behalf = {
	.field = POLICY_ENVELOPE,
	.reason = "granted on behalf, which is for From fields alone",
	.may = "may not send as",
	.where = "(envelope sender)",
};

enum policy_result policy_find_account(struct policy_subject *subject)
{
	struct error err;

	switch (directory_login(subject->dir, subject->login, &subject->account,
				&err)) {
	case DIRECTORY_FAILED:
		return policy_defer(subject->verdict, &err);
	case DIRECTORY_NO:
		return policy_reject(subject->verdict, &no_account,
				     "the login %s belongs to no account here",
				     subject->login);
	case DIRECTORY_YES:
		break;
	}
	(void)snprintf(subject->verdict->account,
		       sizeof(subject->verdict->account), "%s",
		       subject->account.name);
	if (!subject->account.enabled) {
		directory_account_release(&subject->account);
		return policy_reject(subject->verdict, &disabled,
				     "the account of the login %s is disabled",
				     subject->login);
	}
	return POLICY_PASS;
}

enum directory_permission
policy_permission(const struct policy_subject *subject,
		  const struct address *address, struct error *err_r)
{
	return directory_may_send_as(subject->dir, subject->account.name,
				     address, subject->now, err_r);
}

enum policy_result policy_deny(const struct policy_subject *subject,
			       const struct policy_denial *denial,
			       const struct address *address)
{
	char *text = address_format(address);
	const struct policy_cause cause = {
		.status = POLICY_STATUS_DENIED,
		.field = denial->field,
		.address = text,
		.reason = denial->reason,
	};

	policy_reject(subject->verdict, &cause, "the login %s %s <%s> %s",
		      subject->login, denial->may, text, denial->where);
	mem_free_string(&text);
	return POLICY_REJECT;
}

static enum policy_result
check_mail_from(const struct policy_subject *subject, const char *mail_from)
{
	struct address address;
	enum policy_result result = POLICY_PASS;
	struct error err;

	if (mail_from[0] == '\0')
		return POLICY_PASS;
	if (address_parse(&address, mail_from, &err) < 0) {
		const struct policy_cause cause = {
			.status = STATUS_ENVELOPE,
			.field = POLICY_ENVELOPE,
			.address = mail_from,
			.reason = "not well-formed",
		};

		return policy_reject(subject->verdict, &cause,
				     "envelope sender <%s>: %s", mail_from,
				     err.text);
	}
	switch (policy_permission(subject, &address, &err)) {
	case DIRECTORY_PERMISSION_FAILED:
		result = policy_defer(subject->verdict, &err);
		break;
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		break;
	case DIRECTORY_PERMISSION_NO:
		result = policy_deny(subject, &foreign, &address);
		break;
	case DIRECTORY_PERMISSION_ON_BEHALF:
		result = policy_deny(subject, &on_behalf, &address);
		break;
	}
	address_release(&address);
	return result;
}

enum policy_result policy_check_envelope(struct directory *dir,
					 const char *login,
					 const char *mail_from, time_t now,
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
	result = check_mail_from(&subject, mail_from);
	directory_account_release(&subject.account);
	return result;
}
