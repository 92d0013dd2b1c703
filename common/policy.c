#include "common/policy.h"

#include "common/address.h"
#include "common/directory.h"
#include "common/mem.h"
#include "common/policy-internal.h"
#include "common/policy-rules.h"

#include <stdio.h>
#include <string.h>

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
};
static const struct policy_denial on_behalf = {
	.field = POLICY_ENVELOPE,
	.reason = "granted on behalf, which is for From fields alone",
	.may = "may not send as",
};

/* An account or %group of the rules' list. */
static enum directory_result is_listed(const struct policy_subject *subject,
				       const char *entry, struct error *err_r)
{
	if (entry[0] == '%')
		return directory_is_member(subject->question->dir,
					   subject->account.name, entry + 1,
					   err_r);
	return strcmp(entry, subject->account.name) == 0 ? DIRECTORY_YES
							 : DIRECTORY_NO;
}

static enum directory_result
is_exempt(const struct policy_subject *subject, struct error *err_r)
{
	enum directory_result result = DIRECTORY_NO;
	char *const *entry = subject->question->rules->exempt;

	for (; result == DIRECTORY_NO && entry != NULL && *entry != NULL;
	     entry++)
		result = is_listed(subject, *entry, err_r);
	return result;
}

static void judge_unknown(const struct policy_subject *subject)
{
	const char *login = subject->question->login;

	if (subject->question->rules->unknown_login ==
	    POLICY_UNKNOWN_LOGIN_EXEMPT)
		policy_exempt(subject->verdict,
			      "the login belongs to no account, which is "
			      "exempt");
	else
		policy_reject(subject->verdict, &no_account,
			      "the login %s belongs to no account here", login);
}

/* Whether it is to be checked, of an account that was found. */
static enum policy_standing judge_account(const struct policy_subject *subject)
{
	struct error err;

	if (!subject->account.enabled) {
		policy_reject(subject->verdict, &disabled,
			      "the account of the login %s is disabled",
			      subject->question->login);
		return POLICY_STANDING_DECIDED;
	}
	switch (is_exempt(subject, &err)) {
	case DIRECTORY_FAILED:
		policy_defer(subject->verdict, &err);
		return POLICY_STANDING_DECIDED;
	case DIRECTORY_YES:
		policy_exempt(subject->verdict, "the account is exempt");
		return POLICY_STANDING_DECIDED;
	case DIRECTORY_NO:
		break;
	}
	return POLICY_STANDING_CHECK;
}

enum policy_standing policy_find_account(struct policy_subject *subject)
{
	const struct policy_question *question = subject->question;
	enum policy_standing standing;
	struct error err;

	switch (directory_login(question->dir, question->login,
				&subject->account, &err)) {
	case DIRECTORY_FAILED:
		policy_defer(subject->verdict, &err);
		return POLICY_STANDING_DECIDED;
	case DIRECTORY_NO:
		judge_unknown(subject);
		return POLICY_STANDING_DECIDED;
	case DIRECTORY_YES:
		break;
	}
	(void)snprintf(subject->verdict->account,
		       sizeof(subject->verdict->account), "%s",
		       subject->account.name);
	standing = judge_account(subject);
	if (standing == POLICY_STANDING_DECIDED)
		directory_account_release(&subject->account);
	return standing;
}

enum directory_permission
policy_permission(const struct policy_subject *subject,
		  const struct address *address, struct error *err_r)
{
	return directory_may_send_as(subject->question->dir,
				     subject->account.name, address,
				     subject->question->now, err_r);
}

enum policy_result policy_deny(const struct policy_subject *subject,
			       const struct policy_denial *denial,
			       const struct address *address)
{
	bool envelope = strcmp(denial->field, POLICY_ENVELOPE) == 0;
	char *text = address_format(address);
	const struct policy_cause cause = {
		.status = POLICY_STATUS_DENIED,
		.field = denial->field,
		.address = text,
		.reason = denial->reason,
	};

	policy_reject(subject->verdict, &cause,
		      "the login %s %s <%s> (%s %s)%s",
		      subject->question->login, denial->may, text,
		      denial->field, envelope ? "sender" : "field",
		      denial->more != NULL ? denial->more : "");
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

enum policy_result policy_check_envelope(const struct policy_question *question,
					 struct policy_verdict *verdict_r)
{
	struct policy_subject subject = { .question = question,
					  .verdict = verdict_r };

	policy_pass(verdict_r);
	if (policy_find_account(&subject) == POLICY_STANDING_CHECK) {
		check_mail_from(&subject, question->mail_from);
		directory_account_release(&subject.account);
	}
	return verdict_r->result;
}
