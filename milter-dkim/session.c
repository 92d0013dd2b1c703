#include "milter-dkim/session.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/log-record.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/policy.h"
#include "milter-dkim/decision.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/header-choice.h"
#include "milter-dkim/key.h"
#include "milter-dkim/repair.h"
#include "milter-dkim/settings.h"
#include "milter-dkim/sign-path.h"
#include "milter-dkim/signer.h"
#include "milter-dkim/signing-key.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS_A_DAY 86400

struct session {
	struct settings *settings; /* NULL: no message at hand */
	struct path path;
	struct path_marks marks;
	char *login;  /* or NULL */
	char *client; /* its address where it says the path, or NULL */
	char *host;   /* the MTA's own name, or NULL */
	char *mail_from;
	char *queue_id;
	struct field_list header; /* what matters of it */
	struct decision decision;
	struct signer_request requests[DKIM_ALGORITHM_COUNT];
	struct signing_key *keys[DKIM_ALGORITHM_COUNT]; /* the requests' */
	size_t request_count;
	struct signer *signer; /* NULL: not to be signed, so far */
	struct repair *repair; /* the same */
	bool body_failed;
	struct error body_error;
};

struct session *session_new(void)
{
	struct session *session = mem_alloc(sizeof(*session));

	session_reset(session);
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
	/* What was added to the message before is in neither. */
	session->header.count_max = SESSION_FIELDS_MAX;
	session->header.octets_max = SESSION_OCTETS_MAX;
	memset(&session->marks, 0, sizeof(session->marks));
	mem_free_string(&session->login);
	mem_free_string(&session->client);
	mem_free_string(&session->host);
	mem_free_string(&session->mail_from);
	mem_free_string(&session->queue_id);
	signer_free(&session->signer);
	repair_free(&session->repair);
	while (session->request_count > 0)
		signing_key_release(&session->keys[--session->request_count]);
	session->body_failed = false;
	decision_release(&session->decision);
	settings_release(&session->settings);
}

struct policy_verdict *session_verdict(struct session *session)
{
	return &session->decision.verdict;
}

static void
list_selectors(const struct session *session, struct buffer *selectors)
{
	size_t i;

	for (i = 0; i < session->request_count; i++)
		buffer_printf(selectors, "%s%s", i > 0 ? "," : "",
			      session->requests[i].selector);
}

/* The domain that signs, if it is not the author's but one above it. */
static const char *parent_domain(const struct session *session)
{
	const char *domain = session->decision.domain;

	return session->request_count > 0 &&
			       strcmp(session->requests[0].domain, domain) != 0
		       ? session->requests[0].domain
		       : NULL;
}

/* With the cause that the verdict has. */
static void log_decision(const struct session *session)
{
	static const char *const words[] = {
		[DECISION_SIGN] = "signed",
		[DECISION_LEAVE] = "unsigned",
		[DECISION_REJECT] = "reject",
		[DECISION_DEFER] = "defer",
	};
	const struct decision *decision = &session->decision;
	struct log_record record = LOG_RECORD_INIT;
	struct buffer selectors = BUFFER_INIT;
	const char *at_risk = "";

	list_selectors(session, &selectors);
	log_record_add_if_any(&record, "queue_id", session->queue_id);
	log_record_add(&record, "verdict", words[decision->result]);
	log_record_add_if_any(&record, "path", decision->path);
	log_record_add_if_any(&record, "client", session->client);
	log_record_add_if_any(&record, "login", session->login);
	log_record_add_if_any(&record, "domain", decision->domain);
	log_record_add_if_any(&record, "parent", parent_domain(session));
	log_record_add_if_any(&record, "selectors", buffer_string(&selectors));
	if (session->repair != NULL) {
		at_risk = repair_at_risk(session->repair);
		log_record_add_if_any(&record, "repaired",
				      repair_done(session->repair));
		log_record_add_if_any(&record, "at_risk", at_risk);
	}
	policy_log_cause(&record, &decision->verdict);
	if (decision->result == DECISION_DEFER || at_risk[0] != '\0')
		log_warning_record(&record);
	else
		log_info_record(&record);
	buffer_release(&selectors);
}

/* What has been decided, logged: the message is not to be signed. */
static enum session_result conclude(struct session *session)
{
	log_decision(session);
	return session->decision.result == DECISION_LEAVE ? SESSION_LEAVE
							  : SESSION_ANSWER;
}

static enum session_result defer(struct session *session, const char *reason)
{
	decision_defer(&session->decision, reason);
	return conclude(session);
}

static char *copy(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

bool session_mail(struct session *session, struct settings *settings,
		  const struct path_client *client, const char *host,
		  const char *mail_from)
{
	session_reset(session);
	session->settings = settings;
	session->path = path_find(&settings->rules.domains, client);
	/* Without that name nobody can tell what has been here before. */
	if (!sign_path_may(&settings->rules, &session->path, mail_from) ||
	    (session->path.kind != PATH_SUBMISSION && host == NULL)) {
		session_reset(session);
		return false;
	}
	session->login = copy(client->login);
	session->mail_from = mem_strdup(mail_from);
	session->host = copy(host);
	if (session->path.kind == PATH_NETWORK)
		session->client = copy(client->address);
	return true;
}

void session_header(struct session *session, const char *name,
		    const char *value)
{
	if (session->settings == NULL)
		return;
	/* Of a login's mail an earlier Received of ours says nothing. */
	path_read_field(&session->marks,
			session->path.kind != PATH_SUBMISSION ? session->host
							      : NULL,
			name, value);
	if (header_is_chosen(name) || policy_reads_field(name) ||
	    repair_reads_field(name))
		field_list_add(&session->header, name, value);
}

/* All keys are of the table that the message began with. */
static int
make_requests(struct session *session, time_t now, struct error *err_r)
{
	const struct settings *settings = session->settings;
	const struct decision *decision = &session->decision;
	enum canon header = CANON_RELAXED, body = CANON_RELAXED;
	size_t i;

	if (settings->canonicalization == CANONICALIZATION_SIMPLE_SIMPLE ||
	    settings->canonicalization == CANONICALIZATION_SIMPLE_RELAXED)
		header = CANON_SIMPLE;
	if (settings->canonicalization == CANONICALIZATION_RELAXED_SIMPLE ||
	    settings->canonicalization == CANONICALIZATION_SIMPLE_SIMPLE)
		body = CANON_SIMPLE;
	for (i = 0; i < decision->key_count; i++) {
		struct signer_request *request = &session->requests[i];
		struct key *key = decision->keys[i];

		*request = (struct signer_request){
			.algorithm = key->algorithm,
			.domain = key->domain,
			.selector = key->selector,
			.identity = decision->identity,
			.header_canon = header,
			.body_canon = body,
			.time = now,
			.valid_seconds =
				settings->signature_days * SECONDS_A_DAY,
		};
		session->request_count++;
		if (key_take(&session->keys[i], key, err_r) < 0)
			return -1;
		request->key = session->keys[i];
	}
	return 0;
}

enum session_result
session_end_of_header(struct session *session, const char *queue_id, time_t now)
{
	const struct decision_question question = {
		.settings = session->settings,
		.path = &session->path,
		.marks = &session->marks,
		.login = session->login,
		.mail_from = session->mail_from,
		.header = &session->header,
		.now = now,
	};
	struct error err;

	session->queue_id = mem_strdup(queue_id);
	if (session->settings == NULL)
		return defer(session, "a header ended that no MAIL had begun");
	decision_make(&session->decision, &question);
	if (session->decision.result != DECISION_SIGN)
		return conclude(session);
	if (make_requests(session, now, &err) < 0 ||
	    signer_new(&session->signer, session->requests,
		       session->request_count, &err) < 0)
		return defer(session, err.text);
	session->repair = repair_new(
		&session->header,
		&(const struct repair_rules){
			.convert_8bit = session->settings->convert_8bit,
			.host = session->host != NULL
					? session->host
					: session->decision.domain,
			.now = now });
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
	log_decision(session);
	return SESSION_LEAVE;
}

enum session_result
session_end(struct session *session, const struct edit_ops *ops, void *context)
{
	if (session->signer == NULL)
		return defer(session, "a message ended without a header");
	return sign(session, ops, context);
}
