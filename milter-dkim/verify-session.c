#include "milter-dkim/verify-session.h"

#include "common/authserv-id.h"
#include "common/dns-txt.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/log-record.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/network.h"
#include "common/policy.h"
#include "milter-dkim/verifier.h"
#include "milter-dkim/verify-report.h"
#include "milter-dkim/verify-settings.h"
#include "milter-dkim/verify-signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct verify_session {
	struct verify_settings *settings; /* NULL: no message at hand */
	char *authserv_id;
	char *queue_id;
	char *client;
	struct field_list header;
	int results; /* Authentication-Results fields so far */
	int forged[VERIFY_SESSION_FORGED_MAX]; /* their numbers */
	size_t forged_count;
	bool too_many_forged;
	struct verify_signature *signatures;
	size_t count;
	size_t unread;
	struct verifier *verifier; /* NULL: the body is not wanted */
	struct policy_verdict verdict;
};

struct verify_session *verify_session_new(void)
{
	struct verify_session *session = mem_alloc(sizeof(*session));

	session->header.count_max = VERIFY_SESSION_FIELDS_MAX;
	session->header.octets_max = VERIFY_SESSION_OCTETS_MAX;
	return session;
}

void verify_session_free(struct verify_session **session)
{
	if (*session == NULL)
		return;
	verify_session_reset(*session);
	free(*session);
	*session = NULL;
}

void verify_session_reset(struct verify_session *session)
{
	size_t i;

	verifier_free(&session->verifier);
	for (i = 0; i < session->count; i++)
		verify_signature_release(&session->signatures[i]);
	free(session->signatures);
	session->signatures = NULL;
	session->count = session->unread = 0;
	field_list_clear(&session->header);
	mem_free_string(&session->authserv_id);
	mem_free_string(&session->queue_id);
	mem_free_string(&session->client);
	verify_settings_release(&session->settings);
	session->results = 0;
	session->forged_count = 0;
	session->too_many_forged = false;
}

struct policy_verdict *verify_session_verdict(struct verify_session *session)
{
	return &session->verdict;
}

static void log_outcome(const struct verify_session *session, const char *word)
{
	struct log_record record = LOG_RECORD_INIT;
	char *results = verify_report_short(session->signatures, session->count,
					    session->unread);
	char *forged = session->forged_count > 0
			       ? mem_printf("%zu", session->forged_count)
			       : NULL;

	log_record_add_if_any(&record, "queue_id", session->queue_id);
	log_record_add(&record, "verdict", word);
	log_record_add_if_any(&record, "client", session->client);
	log_record_add(&record, "dkim", results);
	log_record_add_if_any(&record, "removed", forged);
	log_record_add_if_any(&record, "reason", session->verdict.reason);
	if (session->verdict.result == POLICY_DEFER)
		log_warning_record(&record);
	else
		log_info_record(&record);
	mem_free_string(&results);
	mem_free_string(&forged);
}

static enum verify_session_result answer(struct verify_session *session,
					 enum policy_result result,
					 const char *code, const char *status,
					 const char *text, const char *reason)
{
	struct policy_verdict *verdict = &session->verdict;

	policy_pass(verdict);
	verdict->result = result;
	(void)snprintf(verdict->code, sizeof(verdict->code), "%s", code);
	(void)snprintf(verdict->status, sizeof(verdict->status), "%s", status);
	(void)snprintf(verdict->text, sizeof(verdict->text), "%s", text);
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
	log_outcome(session, result == POLICY_REJECT ? "reject" : "defer");
	return VERIFY_SESSION_ANSWER;
}

/* A forged result must not slip through because ours can't be had. */
static enum verify_session_result
defer(struct verify_session *session, const char *reason)
{
	return answer(session, POLICY_DEFER, "451", "4.7.0",
		      "the message can't be looked at now; try again later",
		      reason);
}

static bool
is_trusted(const struct verify_settings *settings, const char *address)
{
	struct network client;
	size_t i;

	if (address == NULL || !network_parse_client(&client, address))
		return false;
	if (network_is_loopback(&client))
		return true;
	for (i = 0; i < settings->network_count; i++) {
		if (network_contains(&settings->networks[i], &client))
			return true;
	}
	return false;
}

enum verify_session_result
verify_session_mail(struct verify_session *session,
		    struct verify_settings *settings, const char *login,
		    const char *address, const char *host)
{
	struct error err;

	verify_session_reset(session);
	session->settings = settings;
	if (login != NULL || is_trusted(settings, address)) {
		verify_session_reset(session);
		return VERIFY_SESSION_LEAVE;
	}
	session->client = address != NULL ? mem_strdup(address) : NULL;
	if (settings->authserv_id[0] != '\0') {
		session->authserv_id = mem_strdup(settings->authserv_id);
		return VERIFY_SESSION_GO_ON;
	}
	if (host == NULL)
		return defer(session,
			     "the MTA does not tell its name ({j}); set "
			     "authserv_id");
	if (authserv_id_parse(&session->authserv_id, host, strlen(host), &err) <
	    0)
		return defer(session, "the MTA's name is not fit for an "
				      "authserv-id; set authserv_id");
	return VERIFY_SESSION_GO_ON;
}

/* Ours, or of nobody who can be told. */
static bool is_forged(const struct verify_session *session, const char *value)
{
	struct error err;
	bool forged;
	char *id;

	if (authserv_id_parse(&id, value, strlen(value), &err) < 0)
		return true;
	forged = strcmp(id, session->authserv_id) == 0;
	mem_free_string(&id);
	return forged;
}

static void note_result(struct verify_session *session, const char *value)
{
	session->results++;
	if (!is_forged(session, value))
		return;
	if (session->forged_count == VERIFY_SESSION_FORGED_MAX)
		session->too_many_forged = true;
	else
		session->forged[session->forged_count++] = session->results;
}

void verify_session_header(struct verify_session *session, const char *name,
			   const char *value)
{
	if (session->settings == NULL)
		return;
	if (strcasecmp(name, "Authentication-Results") == 0)
		note_result(session, value);
	field_list_add(&session->header, name, value);
}

static bool is_signature(const struct policy_field *field)
{
	return strcasecmp(field->name, "DKIM-Signature") == 0;
}

static void read_signatures(struct verify_session *session, time_t now)
{
	const struct field_list *header = &session->header;
	size_t max = session->settings->max_signatures, i;

	session->signatures = mem_array(max, sizeof(*session->signatures));
	for (i = 0; i < header->count; i++) {
		struct verify_signature *signature =
			&session->signatures[session->count];

		if (!is_signature(&header->fields[i]))
			continue;
		if (session->count == max) {
			session->unread++;
			continue;
		}
		session->count++;
		verify_signature_read(signature, header->fields[i].value, now);
		verify_signature_check_header(signature, header->fields,
					      header->count);
		if (header->too_much && signature->result == VERIFY_UNDECIDED)
			verify_signature_decide(signature, VERIFY_NEUTRAL,
						"the header is too large");
	}
}

static bool is_undecided(const struct verify_session *session)
{
	size_t i;

	for (i = 0; i < session->count; i++) {
		if (session->signatures[i].result == VERIFY_UNDECIDED)
			return true;
	}
	return false;
}

enum verify_session_result
verify_session_end_of_header(struct verify_session *session,
			     const char *queue_id, time_t now)
{
	struct error err;

	session->queue_id = mem_strdup(queue_id);
	if (session->settings == NULL)
		return defer(session, "a header ended that no MAIL had begun");
	if (session->too_many_forged)
		return answer(session, POLICY_REJECT, "550", "5.7.0",
			      "too many Authentication-Results fields that "
			      "claim to be this host's",
			      "too many forged results");
	read_signatures(session, now);
	if (is_undecided(session) &&
	    verifier_new(&session->verifier, session->signatures,
			 session->count, session->header.fields,
			 session->header.count, &err) < 0)
		return defer(session, err.text);
	return VERIFY_SESSION_GO_ON;
}

bool verify_session_body(struct verify_session *session, const void *data,
			 size_t len)
{
	if (session->verifier == NULL)
		return false;
	verifier_body(session->verifier, data, len);
	return true;
}

/* The key's record, the caller's; NULL if the signature is decided now. */
static char *
look_up(struct verify_signature *signature, const struct timespec *deadline)
{
	char *name = mem_printf("%s._domainkey.%s", signature->selector,
				signature->domain);
	struct dns_txt txt = { .text = NULL };
	struct error err;

	switch (dns_txt_look_up(&txt, name, deadline, &err)) {
	case DNS_TXT_FAILED:
		log_warning("%s", err.text);
		verify_signature_decide(signature, VERIFY_TEMPERROR,
					"DNS did not tell the key");
		break;
	case DNS_TXT_NONE:
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"no key in DNS");
		break;
	case DNS_TXT_SEVERAL:
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"several records in DNS");
		break;
	case DNS_TXT_MALFORMED:
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"malformed key record");
		break;
	case DNS_TXT_FOUND:
		verify_signature_check_record(signature, txt.text);
		break;
	}
	mem_free_string(&name);
	if (signature->result != VERIFY_UNDECIDED)
		mem_free_string(&txt.text);
	return txt.text;
}

static void verify(struct verify_session *session)
{
	char **records = mem_array(session->count, sizeof(*records));
	struct timespec deadline;
	size_t i;

	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += session->settings->dns_timeout;
	for (i = 0; i < session->count; i++) {
		if (session->signatures[i].result == VERIFY_UNDECIDED)
			records[i] =
				look_up(&session->signatures[i], &deadline);
	}
	verifier_finish(session->verifier, (const char *const *)records,
			session->settings->min_rsa_bits);
	for (i = 0; i < session->count; i++)
		mem_free_string(&records[i]);
	free(records);
	verifier_free(&session->verifier);
}

static bool
any_is(const struct verify_session *session, enum verify_result result)
{
	size_t i;

	for (i = 0; i < session->count; i++) {
		if (session->signatures[i].result == result)
			return true;
	}
	return false;
}

/* RFC 7372 3.1. */
static enum verify_session_result take(struct verify_session *session)
{
	const struct verify_settings *settings = session->settings;

	if (!any_is(session, VERIFY_PASS)) {
		if (settings->on_temperror == VERIFY_ON_TEMPERROR_DEFER &&
		    any_is(session, VERIFY_TEMPERROR))
			return answer(session, POLICY_DEFER, "451", "4.7.5",
				      "the DKIM signature can't be verified "
				      "now; try again later",
				      "on_temperror = defer");
		if (settings->on_fail == VERIFY_ON_FAIL_REJECT &&
		    any_is(session, VERIFY_FAIL))
			return answer(session, POLICY_REJECT, "550", "5.7.20",
				      "no DKIM signature of the message is "
				      "valid",
				      "on_fail = reject");
	}
	policy_pass(&session->verdict);
	log_outcome(session, "accept");
	return VERIFY_SESSION_LEAVE;
}

static int edit_header(const struct verify_session *session,
		       const struct verify_session_edit *edit)
{
	char *report = verify_report(session->authserv_id, session->signatures,
				     session->count, session->unread);
	int result = 0;
	size_t i;

	for (i = session->forged_count; result == 0 && i-- > 0;)
		result = edit->remove(edit->context, session->forged[i]);
	if (result == 0)
		result = edit->insert(edit->context, report);
	mem_free_string(&report);
	return result;
}

enum verify_session_result
verify_session_end(struct verify_session *session,
		   const struct verify_session_edit *edit)
{
	if (session->settings == NULL)
		return defer(session, "a message ended that no MAIL had begun");
	if (session->verifier != NULL)
		verify(session);
	if (edit_header(session, edit) < 0)
		return defer(session, "the MTA did not take the changes");
	return take(session);
}
