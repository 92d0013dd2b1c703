#include "milter-dkim/decision.h"

#include "common/directory-pool.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/policy-rules.h"
#include "common/policy.h"
#include "milter-dkim/authors.h"
#include "milter-dkim/identity.h"
#include "milter-dkim/keys.h"
#include "milter-dkim/settings.h"
#include "milter-dkim/sign-path.h"

#include <stdbool.h>
#include <stdio.h>

static void set_cause(struct decision *decision, enum policy_result result,
		      const char *reason)
{
	struct policy_verdict *verdict = &decision->verdict;

	policy_pass(verdict);
	verdict->result = result;
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
}

static void set_reply(struct decision *decision, const char *code,
		      const char *status, const char *text)
{
	struct policy_verdict *verdict = &decision->verdict;

	(void)snprintf(verdict->code, sizeof(verdict->code), "%s", code);
	(void)snprintf(verdict->status, sizeof(verdict->status), "%s", status);
	(void)snprintf(verdict->text, sizeof(verdict->text), "%s", text);
}

static void leave(struct decision *decision, const char *reason)
{
	decision->result = DECISION_LEAVE;
	set_cause(decision, POLICY_PASS, reason);
}

void decision_defer(struct decision *decision, const char *reason)
{
	decision->result = DECISION_DEFER;
	set_cause(decision, POLICY_DEFER, reason);
	set_reply(decision, "451", "4.7.5",
		  "the message can't be signed now; try again later");
}

static void reject(struct decision *decision)
{
	decision->result = DECISION_REJECT;
	set_cause(decision, POLICY_REJECT, "header too large");
	set_reply(decision, "552", "5.3.4",
		  "the header has more fields or octets than can be signed");
}

/* May the login have the domain's signature? */
static void
ask_policy(struct decision *decision, const struct decision_question *asked)
{
	struct directory_pool *pool = asked->settings->pool;
	/* Whose mail goes unchecked is another filter's matter. */
	static const struct policy_rules rules = {
		.address_in_name = POLICY_ADDRESS_IN_NAME_ACCEPT,
	};
	struct policy_question question = {
		.rules = &rules,
		.login = asked->login,
		.now = asked->now,
	};
	struct policy_verdict *verdict = &decision->verdict;
	struct error err;

	question.dir = directory_pool_take(pool, NULL, &err);
	if (question.dir == NULL) {
		decision_defer(decision, err.text);
		return;
	}
	policy_check_header(&question, asked->header->fields,
			    asked->header->count, verdict);
	directory_pool_give(pool, &question.dir);
	switch (verdict->result) {
	case POLICY_PASS:
		/* Signed, it would go without that field. */
		if (verdict->sender[0] != '\0')
			leave(decision, "granted on behalf, without a Sender "
					"field of its own");
		break;
	case POLICY_REJECT:
		decision->result = DECISION_LEAVE;
		break;
	case POLICY_DEFER: {
		char *reason = mem_strdup(verdict->reason);

		decision_defer(decision, reason);
		mem_free_string(&reason);
		break;
	}
	}
}

/* By these authors: is it to be signed, as far as need no directory say? */
static bool has_keys(struct decision *decision,
		     const struct decision_question *asked,
		     const struct authors *authors)
{
	const struct settings *settings = asked->settings;
	const struct address *signer = authors_signer(authors);
	bool bounce = asked->path->kind == PATH_LOCAL &&
		      path_is_bounce(asked->mail_from, asked->header->fields,
				     asked->header->count);
	const char *refusal = sign_path_refusal(&settings->rules, asked->path,
						bounce, authors);

	if (bounce)
		decision->path = "bounce";
	decision->domain = mem_strdup(signer->domain);
	decision->identity = identity_make(settings->identity, signer);
	if (refusal == NULL) {
		decision->key_count = keys_find(settings->keys, signer->domain,
						decision->keys);
		if (decision->key_count == 0)
			refusal = "no active key for the domain";
	}
	if (refusal != NULL)
		leave(decision, refusal);
	return refusal == NULL;
}

static void decide(struct decision *decision,
		   const struct decision_question *asked,
		   struct authors *authors)
{
	const struct field_list *header = asked->header;
	const char *passed_on = sign_path_passed_on(asked->path, asked->marks);
	struct error err;

	if (passed_on != NULL) {
		leave(decision, passed_on);
	} else if (authors_read(authors, header->fields, header->count,
				asked->settings->several_authors, &err) < 0) {
		if (header->too_much)
			reject(decision);
		else
			leave(decision, err.text);
	} else if (has_keys(decision, asked, authors)) {
		if (header->too_much)
			reject(decision);
		else if (asked->login != NULL &&
			 asked->settings->sign_for == SIGN_FOR_OWNER)
			ask_policy(decision, asked);
	}
}

void decision_make(struct decision *decision_r,
		   const struct decision_question *question)
{
	struct authors authors = { .from = { .count = 0 } };

	*decision_r = (struct decision){
		.result = DECISION_SIGN,
		.path = path_word(question->path->kind),
	};
	decide(decision_r, question, &authors);
	authors_release(&authors);
}

void decision_release(struct decision *decision)
{
	mem_free_string(&decision->domain);
	mem_free_string(&decision->identity);
	decision->path = NULL;
	decision->key_count = 0;
}
