#include "milter-sender-check/session.h"

#include "common/buffer.h"
#include "common/directory-pool.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/log.h"
#include "common/logfmt.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-sender-check/settings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct session {
	struct settings *settings; /* NULL: no message at hand */
	char *login;
	char *mail_from;
	struct field_list header; /* what matters of it */
	bool stray_cr;		  /* in any of its fields */
	struct policy_verdict verdict;
};

struct session *session_new(void)
{
	struct session *session = mem_alloc(sizeof(*session));

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
	mem_free_string(&session->mail_from);
	settings_release(&session->settings);
	memset(&session->verdict, 0, sizeof(session->verdict));
}

/* First what says most: very long lines are cut somewhere. */
static void log_verdict(const struct session *session, const char *queue_id)
{
	const struct policy_verdict *verdict = &session->verdict;
	struct buffer line = BUFFER_INIT;

	logfmt_add(&line, "queue_id", queue_id);
	logfmt_add(&line, "verdict", policy_word(verdict->result));
	logfmt_add(&line, "mode", settings_modes[session->settings->mode]);
	if (verdict->account[0] != '\0')
		logfmt_add(&line, "account", verdict->account);
	logfmt_add(&line, "login", session->login);
	policy_log_cause(&line, verdict);
	logfmt_add(&line, "mail_from", session->mail_from);
	if (verdict->authors[0] != '\0')
		logfmt_add(&line, "from", verdict->authors);
	if (verdict->sender[0] != '\0')
		logfmt_add(&line, "sender", verdict->sender);
	if (verdict->result == POLICY_DEFER)
		log_warning("%s", buffer_string(&line));
	else
		log_info("%s", buffer_string(&line));
	buffer_release(&line);
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
		.dir = directory_pool_take(session->settings->pool, &err),
		.rules = &session->settings->rules,
		.login = session->login,
		.mail_from = session->mail_from,
		.now = now,
	};
	if (question_r->dir == NULL)
		policy_defer(&session->verdict, &err);
	return question_r->dir != NULL;
}

struct policy_verdict *
session_mail(struct session *session, struct settings *settings,
	     const char *login, const char *mail_from, time_t now)
{
	struct policy_question question;

	session_reset(session);
	session->settings = settings;
	session->login = mem_strdup(login);
	session->mail_from = mem_strdup(mail_from);
	if (begin(session, &question, now)) {
		policy_check_envelope(&question, &session->verdict);
		directory_pool_give(settings->pool, &question.dir);
	}
	/* There is no queue ID yet; the word is Postfix's. */
	if (refusal(session) != NULL)
		log_verdict(session, "NOQUEUE");
	return refusal(session);
}

void session_header(struct session *session, const char *name,
		    const char *value)
{
	if (session->settings == NULL)
		return;
	if (policy_has_stray_cr(value))
		session->stray_cr = true;
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
	/* In report mode the envelope may have been what is to be refused. */
	if (session->verdict.result == POLICY_PASS && !session->verdict.exempt)
		check_header(session, now);
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
