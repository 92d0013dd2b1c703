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

enum policy_result
policy_outage(const struct error *err, struct policy_verdict *verdict_r)
{
	policy_pass(verdict_r);
	return policy_defer(verdict_r, err);
}

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

static enum policy_result reject_mail_from(const struct policy_subject *subject,
					   enum directory_permission permission,
					   const struct address *address)
{
	char *text = address_format(address);
	const struct policy_cause cause = {
		.status = POLICY_STATUS_DENIED,
		.field = POLICY_ENVELOPE,
		.address = text,
		.reason = permission == DIRECTORY_PERMISSION_ON_BEHALF
				  ? "granted on behalf, which is for From "
				    "fields alone"
				  : POLICY_NOT_ALLOWED,
	};

	policy_reject(subject->verdict, &cause,
		      "the login %s may not send as <%s> (envelope sender)",
		      subject->login, text);
	mem_free_string(&text);
	return POLICY_REJECT;
}

static enum policy_result
check_mail_from(const struct policy_subject *subject, const char *mail_from)
{
	enum directory_permission found;
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
	found = policy_permission(subject, &address, &err);
	switch (found) {
	case DIRECTORY_PERMISSION_FAILED:
		result = policy_defer(subject->verdict, &err);
		break;
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		break;
	case DIRECTORY_PERMISSION_NO:
	case DIRECTORY_PERMISSION_ON_BEHALF:
		result = reject_mail_from(subject, found, &address);
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
