#include "milter-sender-check/session.h"

#include "common/directory-pool.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/log-record.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-sender-check/rate-check.h"
#include "milter-sender-check/sender-path.h"
#include "milter-sender-check/settings.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct session {
	struct rate *rate;
	struct settings *settings; /* NULL: no message at hand */
	struct sender_path path;   /* its account is login */
	struct policy_rules rules; /* the settings', as they hold here */
	char *login;  /* of the client, or whom the path stands for, or NULL */
	char *client; /* its address, or NULL */
	char *host;   /* the MTA's own name, or NULL */
	char *mail_from;
	const struct directory *asked; /* last: a preference, not held */
	struct path_marks marks;
	unsigned int recipients;
	struct field_list header; /* what matters of it */
	bool stray_cr;		  /* in any of its fields */
	struct policy_verdict verdict;
};

struct session *session_new(struct rate *rate)
{
	struct session *session = mem_alloc(sizeof(*session));

	session->rate = rate;
	session->header.count_max = POLICY_FIELDS_MAX;
	session->header.octets_max = POLICY_OCTETS_MAX;
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
	session->stray_cr = false;
	mem_free_string(&session->login);
	mem_free_string(&session->client);
	mem_free_string(&session->host);
	mem_free_string(&session->mail_from);
	session->recipients = 0;
	settings_release(&session->settings);
	memset(&session->marks, 0, sizeof(session->marks));
	memset(&session->verdict, 0, sizeof(session->verdict));
}

/* How it came, if not with a login. */
static void log_path(const struct session *session, struct log_record *record)
{
	log_record_add_if_any(record, "path", path_word(session->path.kind));
	if (session->path.kind == PATH_NETWORK)
		log_record_add(record, "client", session->client);
}

/* First what says most: very long lines are cut somewhere. */
static void log_verdict(const struct session *session, const char *queue_id)
{
	const struct policy_verdict *verdict = &session->verdict;
	struct log_record record = LOG_RECORD_INIT;

	log_record_add(&record, "queue_id", queue_id);
	log_record_add(&record, "verdict", policy_word(verdict->result));
	log_record_add(&record, "mode",
		       settings_modes[session->settings->mode]);
	log_path(session, &record);
	log_record_add_if_any(&record, "account", verdict->account);
	if (session->path.kind == PATH_SUBMISSION)
		log_record_add(&record, "login", session->login);
	policy_log_cause(&record, verdict);
	log_record_add(&record, "mail_from", session->mail_from);
	log_record_add_if_any(&record, "from", verdict->authors);
	log_record_add_if_any(&record, "sender", verdict->sender);
	if (verdict->outage)
		log_warning_record(&record);
	else
		log_info_record(&record);
}

/* The verdict if it is one that the client is to hear, else NULL. */
static struct policy_verdict *refusal(struct session *session)
{
	return session->verdict.result != POLICY_PASS &&
			       session->settings->mode == MODE_ENFORCE
		       ? &session->verdict
		       : NULL;
}

/*
 * The question that the message poses; dir is to be given back. False if no
 * directory can be had, which is the verdict then.
 */
static bool
begin(struct session *session, struct policy_question *question_r, time_t now)
{
	struct error err;

	*question_r = (struct policy_question){
		.dir = directory_pool_take(session->settings->pool,
					   session->asked, &err),
		.rules = &session->rules,
		.login = session->login,
		.mail_from = session->mail_from,
		.now = now,
	};
	session->asked = question_r->dir;
	if (question_r->dir == NULL)
		policy_defer(&session->verdict, &err);
	return question_r->dir != NULL;
}

static void check_rate(struct session *session,
		       void (*check)(struct policy_verdict *verdict,
				     const struct rate_attempt *attempt))
{
	const struct rate_attempt attempt = {
		.rate = session->rate,
		.limits = &session->settings->limits,
		.login = session->login,
		.recipients = session->recipients,
		.now = rate_clock(),
	};

	check(&session->verdict, &attempt);
}

static void check_envelope(struct session *session, time_t now)
{
	struct policy_question question;

	if (!begin(session, &question, now))
		return;
	policy_check_envelope(&question, &session->verdict);
	directory_pool_give(session->settings->pool, &question.dir);
}

static char *copy(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

/* A message that came by this path begins. */
static void open_message(struct session *session,
			 const struct path_client *client, const char *host,
			 const char *mail_from)
{
	session->login = copy(session->path.account);
	session->path.account = session->login;
	session->client = copy(client->address);
	session->host = copy(host);
	session->mail_from = mem_strdup(mail_from);
	session->rules = session->settings->rules;
	/* An account that the settings name is not one that may be missing. */
	if (session->path.kind != PATH_SUBMISSION)
		session->rules.unknown_login = POLICY_UNKNOWN_LOGIN_REJECT;
}

struct policy_verdict *
session_mail(struct session *session, struct settings *settings,
	     const struct path_client *client, const char *host,
	     const char *mail_from, time_t now)
{
	session_reset(session);
	session->settings = settings;
	session->path = sender_path_find(&settings->paths, client);
	if (session->path.kind == PATH_OUTSIDE) {
		session_reset(session);
		return NULL;
	}
	open_message(session, client, host, mail_from);
	/* Elsewhere the header may yet say that it is not to be checked. */
	if (session->path.kind == PATH_SUBMISSION) {
		check_envelope(session, now);
		check_rate(session, rate_check_mail);
	}
	/* There is no queue ID yet; the word is Postfix's. */
	if (refusal(session) != NULL)
		log_verdict(session, "NOQUEUE");
	return refusal(session);
}

bool session_is_open(const struct session *session)
{
	return session->settings != NULL;
}

void session_recipient(struct session *session)
{
	if (session->recipients < UINT_MAX)
		session->recipients++;
}

void session_header(struct session *session, const char *name,
		    const char *value)
{
	if (session->settings == NULL)
		return;
	if (policy_has_stray_cr(value))
		session->stray_cr = true;
	if (session->path.kind != PATH_SUBMISSION)
		path_read_field(&session->marks, session->host, name, value);
	if (policy_reads_field(name))
		field_list_add(&session->header, name, value);
}

static void check_header(struct session *session, time_t now)
{
	struct policy_question question;

	if (session->header.too_much) {
		policy_too_much(&session->verdict);
		return;
	}
	if (session->stray_cr) {
		policy_stray_cr(&session->verdict);
		return;
	}
	if (!begin(session, &question, now))
		return;
	policy_check_header(&question, session->header.fields,
			    session->header.count, &session->verdict);
	directory_pool_give(session->settings->pool, &question.dir);
}

/* Without a login: is it to be checked at all? The envelope is, then. */
static void check_path(struct session *session, time_t now)
{
	static const struct policy_cause refused = {
		.status = POLICY_STATUS_DENIED,
		.reason = "mail of the host itself is refused",
	};
	const struct field_list *header = &session->header;
	const char *reason;

	switch (sender_path_decide(&reason, &session->settings->paths,
				   &session->path, &session->marks,
				   path_is_bounce(session->mail_from,
						  header->fields,
						  header->count))) {
	case SENDER_PATH_PASS:
		policy_exempt(&session->verdict, reason);
		break;
	case SENDER_PATH_REFUSE:
		policy_reject(&session->verdict, &refused,
			      "mail by this host's sendmail command is not "
			      "taken: submit it with a login");
		break;
	case SENDER_PATH_CHECK:
		check_envelope(session, now);
		break;
	}
}

struct policy_verdict *
session_end_of_header(struct session *session, const char *queue_id, time_t now)
{
	if (session->settings == NULL) {
		struct error err;

		error_set_as(&err, EX_PROTOCOL,
			     "a header ended that no MAIL had begun");
		policy_defer(&session->verdict, &err);
		return &session->verdict;
	}
	if (session->path.kind != PATH_SUBMISSION)
		check_path(session, now);
	/* In report mode the envelope may have been what is to be refused. */
	if (session->verdict.result == POLICY_PASS && !session->verdict.exempt)
		check_header(session, now);
	check_rate(session, rate_check_message);
	log_verdict(session, queue_id);
	return refusal(session);
}

const char *session_added_sender(const struct session *session)
{
	return session->verdict.sender[0] != '\0' &&
			       session->settings->mode == MODE_ENFORCE
		       ? session->verdict.sender
		       : NULL;
}
