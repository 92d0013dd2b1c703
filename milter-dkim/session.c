#include "milter-dkim/session.h"

#include "common/buffer.h"
#include "common/directory-pool.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/log-record.h"
#include "common/log.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/policy-rules.h"
#include "common/policy.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/header-choice.h"
#include "milter-dkim/key.h"
#include "milter-dkim/keys.h"
#include "milter-dkim/repair.h"
#include "milter-dkim/settings.h"
#include "milter-dkim/signer.h"

#include <openssl/evp.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECONDS_A_DAY 86400

struct session {
	struct settings *settings; /* NULL: no message at hand */
	char *login;
	char *queue_id;
	char *from_domain;
	struct field_list header; /* what matters of it */
	bool redirected;
	struct signer_request requests[DKIM_ALGORITHM_COUNT];
	size_t request_count;
	struct signer *signer; /* NULL: not to be signed, so far */
	struct repair *repair; /* the same */
	bool body_failed;
	struct error body_error;
	struct policy_verdict verdict;
};

struct session *session_new(void)
{
	struct session *session = mem_alloc(sizeof(*session));

	session->header.count_max = SESSION_FIELDS_MAX;
	session->header.octets_max = SESSION_OCTETS_MAX;
	return session;
}

void session_free(struct session **session)
{
	if (*session == NULL)
		return;
	session_reset(*session);
	free(*session);
	*session = NULL;
}

void session_reset(struct session *session)
{
	field_list_clear(&session->header);
	mem_free_string(&session->login);
	mem_free_string(&session->queue_id);
	mem_free_string(&session->from_domain);
	signer_free(&session->signer);
	repair_free(&session->repair);
	while (session->request_count > 0)
		EVP_PKEY_free(session->requests[--session->request_count].pkey);
	settings_release(&session->settings);
	session->redirected = session->body_failed = false;
}

struct policy_verdict *session_verdict(struct session *session)
{
	return &session->verdict;
}

static void
list_selectors(const struct session *session, struct buffer *selectors)
{
	size_t i;

	for (i = 0; i < session->request_count; i++)
		buffer_printf(selectors, "%s%s", i > 0 ? "," : "",
			      session->requests[i].selector);
}

enum outcome {
	OUTCOME_SIGNED,
	OUTCOME_UNSIGNED,
	OUTCOME_REJECT,
	OUTCOME_DEFER,
};

/* With the cause that the verdict has. */
static void log_outcome(const struct session *session, enum outcome outcome)
{
	static const char *const words[] = {
		[OUTCOME_SIGNED] = "signed",
		[OUTCOME_UNSIGNED] = "unsigned",
		[OUTCOME_REJECT] = "reject",
		[OUTCOME_DEFER] = "defer",
	};
	struct log_record record = LOG_RECORD_INIT;
	struct buffer selectors = BUFFER_INIT;

	list_selectors(session, &selectors);
	log_record_add_if_any(&record, "queue_id", session->queue_id);
	log_record_add(&record, "verdict", words[outcome]);
	log_record_add_if_any(&record, "login", session->login);
	log_record_add_if_any(&record, "domain", session->from_domain);
	log_record_add_if_any(&record, "selectors", buffer_string(&selectors));
	if (session->repair != NULL) {
		log_record_add_if_any(&record, "repaired",
				      repair_done(session->repair));
		log_record_add_if_any(&record, "at_risk",
				      repair_at_risk(session->repair));
	}
	policy_log_cause(&record, &session->verdict);
	if (outcome == OUTCOME_DEFER)
		log_warning_record(&record);
	else
		log_info_record(&record);
	buffer_release(&selectors);
}

static void set_verdict(struct session *session, enum policy_result result,
			const char *reason)
{
	policy_pass(&session->verdict);
	session->verdict.result = result;
	(void)snprintf(session->verdict.reason, sizeof(session->verdict.reason),
		       "%s", reason);
}

static void set_reply(struct session *session, const char *code,
		      const char *status, const char *text)
{
	struct policy_verdict *verdict = &session->verdict;

	(void)snprintf(verdict->code, sizeof(verdict->code), "%s", code);
	(void)snprintf(verdict->status, sizeof(verdict->status), "%s", status);
	(void)snprintf(verdict->text, sizeof(verdict->text), "%s", text);
}

static enum session_result
leave_unsigned(struct session *session, const char *reason)
{
	set_verdict(session, POLICY_PASS, reason);
	log_outcome(session, OUTCOME_UNSIGNED);
	return SESSION_LEAVE;
}

/* Mail that should be signed does not go without. */
static enum session_result defer(struct session *session, const char *reason)
{
	set_verdict(session, POLICY_DEFER, reason);
	set_reply(session, "451", "4.7.5",
		  "the message can't be signed now; try again later");
	log_outcome(session, OUTCOME_DEFER);
	return SESSION_ANSWER;
}

static enum session_result reject(struct session *session)
{
	set_verdict(session, POLICY_REJECT, "header too large");
	set_reply(session, "552", "5.3.4",
		  "the header has more fields or octets than can be signed");
	log_outcome(session, OUTCOME_REJECT);
	return SESSION_ANSWER;
}

void session_mail(struct session *session, struct settings *settings,
		  const char *login)
{
	session_reset(session);
	session->settings = settings;
	session->login = mem_strdup(login);
}

void session_header(struct session *session, const char *name,
		    const char *value)
{
	if (session->settings == NULL)
		return;
	/* Dovecot's Sieve puts it on top of what it sends on. */
	if (strcasecmp(name, "X-Sieve-Redirected-From") == 0)
		session->redirected = true;
	if (header_is_chosen(name) || policy_reads_field(name) ||
	    repair_reads_field(name))
		field_list_add(&session->header, name, value);
}

/*
 * The domain of the first author, where exactly one From: parses; else err_r
 * says why the message is not signed.
 */
static int find_from_domain(struct session *session, struct error *err_r)
{
	const struct policy_field *from = NULL;
	struct mailbox_list list;
	size_t i;

	for (i = 0; i < session->header.count; i++) {
		if (strcasecmp(session->header.fields[i].name, "From") != 0)
			continue;
		if (from != NULL)
			return error_set(err_r, "more than one From field");
		from = &session->header.fields[i];
	}
	if (from == NULL)
		return error_set(err_r, "no From field");
	if (mailbox_list_parse(&list, from->value, from->value_len, err_r) < 0)
		return error_prefix(err_r, "From");
	session->from_domain = mem_strdup(list.mailboxes[0].address.domain);
	mailbox_list_release(&list);
	return 0;
}

/* SESSION_GO_ON if the login may have the domain's signature. */
static enum session_result ask_policy(struct session *session, time_t now)
{
	struct settings *settings = session->settings;
	/* Whose mail goes unchecked is another filter's matter. */
	static const struct policy_rules rules = {
		.address_in_name = POLICY_ADDRESS_IN_NAME_ACCEPT,
	};
	struct policy_question question = {
		.rules = &rules,
		.login = session->login,
		.now = now,
	};
	struct policy_verdict verdict;
	struct error err;

	if (settings->sign_for == SIGN_FOR_AUTHENTICATED)
		return SESSION_GO_ON;
	question.dir = directory_pool_take(settings->pool, NULL, &err);
	if (question.dir == NULL)
		return defer(session, err.text);
	policy_check_header(&question, session->header.fields,
			    session->header.count, &verdict);
	directory_pool_give(settings->pool, &question.dir);
	switch (verdict.result) {
	case POLICY_PASS:
		/* Signed, it would go without that field. */
		if (verdict.sender[0] != '\0')
			return leave_unsigned(session,
					      "granted on behalf, without a "
					      "Sender field of its own");
		return SESSION_GO_ON;
	case POLICY_REJECT:
		session->verdict = verdict;
		log_outcome(session, OUTCOME_UNSIGNED);
		return SESSION_LEAVE;
	case POLICY_DEFER:
		return defer(session, verdict.reason);
	}
	abort();
}

/* All keys are of the table that the message began with. */
static int make_requests(struct session *session, struct key *const *keys,
			 size_t count, time_t now, struct error *err_r)
{
	const struct settings *settings = session->settings;
	enum canon header = CANON_RELAXED, body = CANON_RELAXED;
	size_t i;

	if (settings->canonicalization == CANONICALIZATION_SIMPLE_SIMPLE ||
	    settings->canonicalization == CANONICALIZATION_SIMPLE_RELAXED)
		header = CANON_SIMPLE;
	if (settings->canonicalization == CANONICALIZATION_RELAXED_SIMPLE ||
	    settings->canonicalization == CANONICALIZATION_SIMPLE_SIMPLE)
		body = CANON_SIMPLE;
	for (i = 0; i < count; i++) {
		struct signer_request *request = &session->requests[i];

		*request = (struct signer_request){
			.algorithm = keys[i]->algorithm,
			.domain = keys[i]->domain,
			.selector = keys[i]->selector,
			.header_canon = header,
			.body_canon = body,
			.time = now,
			.valid_seconds =
				settings->signature_days * SECONDS_A_DAY,
		};
		session->request_count++;
		if (key_take(&request->pkey, keys[i], err_r) < 0)
			return -1;
	}
	return 0;
}

enum session_result
session_end_of_header(struct session *session, const char *queue_id, time_t now)
{
	enum session_result result;
	struct key *keys[DKIM_ALGORITHM_COUNT];
	struct error err;
	size_t count;

	session->queue_id = mem_strdup(queue_id);
	if (session->settings == NULL)
		return defer(session, "a header ended that no MAIL had begun");
	if (session->redirected)
		return leave_unsigned(session, "passed on by Sieve");
	if (find_from_domain(session, &err) < 0)
		return session->header.too_much
			       ? reject(session)
			       : leave_unsigned(session, err.text);
	count = keys_find(session->settings->keys, session->from_domain, keys);
	if (count == 0)
		return leave_unsigned(session, "no active key for the domain");
	if (session->header.too_much)
		return reject(session);
	result = ask_policy(session, now);
	if (result != SESSION_GO_ON)
		return result;
	if (make_requests(session, keys, count, now, &err) < 0 ||
	    signer_new(&session->signer, session->requests, count, &err) < 0)
		return defer(session, err.text);
	session->repair =
		repair_new(&session->header,
			   &(const struct repair_rules){
				   .host = session->from_domain, .now = now });
	return SESSION_GO_ON;
}

void session_body(struct session *session, const void *data, size_t len)
{
	if (session->signer == NULL || session->body_failed)
		return;
	if (signer_body(session->signer, data, len, &session->body_error) < 0)
		session->body_failed = true;
	repair_body(session->repair, data, len);
}

static enum session_result
sign(struct session *session, const struct edit_ops *ops, void *context)
{
	char *values[DKIM_ALGORITHM_COUNT];
	bool inserted = true;
	struct error err;
	size_t i;

	if (session->body_failed)
		return defer(session, session->body_error.text);
	if (repair_apply(session->repair, &session->header, session->signer,
			 ops, context, &err) < 0 ||
	    signer_sign(session->signer, session->header.fields,
			session->header.count, values, &err) < 0)
		return defer(session, err.text);
	for (i = 0; i < session->request_count; i++) {
		inserted = inserted &&
			   ops->insert(context, (int)i, "DKIM-Signature",
				       values[i]) == 0;
		mem_free_string(&values[i]);
	}
	if (!inserted)
		return defer(session, "the MTA did not take the signature");
	policy_pass(&session->verdict);
	log_outcome(session, OUTCOME_SIGNED);
	return SESSION_LEAVE;
}

enum session_result
session_end(struct session *session, const struct edit_ops *ops, void *context)
{
	if (session->signer == NULL)
		return defer(session, "a message ended without a header");
	return sign(session, ops, context);
}
