#include "dovecot-auth-tlspubkey/passdb-gate.h"

#include "common/error.h"
#include "common/fingerprint.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"
#include "dovecot-auth-tlspubkey/tlspubkey-gate.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

static bool is_external(const struct auth_request *request)
{
	return null_strcmp(request->fields.mech_name, "EXTERNAL") == 0;
}

/* Would the client be logged in if it were greeted so? See mech-probe.h. */
static bool is_probe(const struct auth_request *request)
{
	return null_strcmp(request->fields.mech_name, TLSPUBKEY_PROBE_MECH) ==
	       0;
}

bool passdb_gate_by_key(const struct auth_request *request)
{
	return is_external(request) || is_probe(request);
}

static void set_account(struct auth_request *request,
			const struct tlspubkey_gate_answer *answer)
{
	if (answer->account != NULL)
		auth_request_set_field(request, "user", answer->account, NULL);
}

/*
 * The site's before ours, so that none of them stands in for one. But the
 * account stands before them too: what they say of the user must not be of what
 * the client wrote.
 */
static bool set_fields(struct auth_request *request, const char *fingerprint,
		       const struct tlspubkey_gate_answer *answer)
{
	set_account(request, answer);
	if (!compat_set_site_fields(request))
		return FALSE;
	set_account(request, answer);
	if (fingerprint != NULL) {
		auth_request_set_field(request, TLSPUBKEY_FIELD_CHECKED,
				       fingerprint, NULL);
		auth_request_set_field(
			request, TLSPUBKEY_FIELD_DIGITS,
			t_strndup(fingerprint + strlen("sha256:"),
				  TLSPUBKEY_DIGITS),
			NULL);
	}
	if (answer->key_name != NULL)
		auth_request_set_field(request, TLSPUBKEY_FIELD_NAME,
				       answer->key_name, NULL);
	return TRUE;
}

static enum passdb_result
result_of(struct auth_request *request, enum tlspubkey_gate_result result,
	  const char *fingerprint, const struct tlspubkey_gate_answer *answer,
	  const struct error *err)
{
	struct event *event = authdb_event(request);

	switch (result) {
	case TLSPUBKEY_GATE_ACCEPT:
		return set_fields(request, fingerprint, answer)
			       ? PASSDB_RESULT_OK
			       : PASSDB_RESULT_INTERNAL_FAILURE;
	case TLSPUBKEY_GATE_CONTINUE:
		return set_fields(request, fingerprint, answer)
			       ? PASSDB_RESULT_NEXT
			       : PASSDB_RESULT_INTERNAL_FAILURE;
	case TLSPUBKEY_GATE_REFUSE:
		e_info(event, "refused: %s", err->text);
		return PASSDB_RESULT_PASSWORD_MISMATCH;
	case TLSPUBKEY_GATE_DISABLED:
		e_info(event, "refused: %s", err->text);
		return PASSDB_RESULT_USER_DISABLED;
	case TLSPUBKEY_GATE_FAILED:
		break;
	}
	e_error(event, "%s", err->text);
	return PASSDB_RESULT_INTERNAL_FAILURE;
}

/* No attempt to log in yet, so nothing is logged but an outage. */
static enum passdb_result
result_of_probe(struct auth_request *request, enum tlspubkey_gate_result result,
		const char *fingerprint,
		const struct tlspubkey_gate_answer *answer,
		const struct error *err)
{
	if (result == TLSPUBKEY_GATE_FAILED ||
	    (result == TLSPUBKEY_GATE_ACCEPT && !answer->no_preauth))
		return result_of(request, result, fingerprint, answer, err);
	return PASSDB_RESULT_PASSWORD_MISMATCH;
}

static struct passdb_attempt *
attempt_of(const struct auth_request *request,
	   const struct tlspubkey_gate_query *query,
	   enum tlspubkey_gate_result result,
	   const struct tlspubkey_gate_answer *answer)
{
	const struct tlspubkey_attempt attempt = {
		.key = query->key,
		.result = result,
		.answer = answer,
		.mechanism = request->fields.mech_name,
		.protocol = compat_protocol(request),
		.remote = net_ip2addr(&request->fields.remote_ip),
		.login = query->login,
		.time = query->now,
	};

	return passdb_attempt_new(&attempt);
}

enum passdb_result passdb_gate_ask(struct auth_request *request,
				   const struct tlspubkey_settings *set,
				   struct directory *dir,
				   struct passdb_attempt **attempt_r)
{
	const char *fingerprint = auth_fields_find(request->fields.extra_fields,
						   TLSPUBKEY_FIELD_KEY);
	struct tlspubkey_gate_query query = {
		.login = request->fields.user,
		.external = passdb_gate_by_key(request),
		.bare_submission = auth_fields_exists(
			request->fields.extra_fields, TLSPUBKEY_FIELD_BARE),
		.ask_always = set->gate_all,
		.any_authzid = set->any_authzid,
		.now = time(NULL),
	};
	struct tlspubkey_gate_answer answer;
	struct fingerprint key;
	struct error err;
	enum tlspubkey_gate_result gate;
	enum passdb_result result;

	*attempt_r = NULL;
	if (fingerprint != NULL) {
		if (fingerprint_parse(&key, fingerprint, &err) < 0) {
			e_error(authdb_event(request), "%s", err.text);
			return PASSDB_RESULT_INTERNAL_FAILURE;
		}
		query.key = &key;
	}
	if (query.external && strcmp(query.login, TLSPUBKEY_USER_OF_KEY) == 0)
		query.login = "";
	gate = tlspubkey_gate(dir, &query, &answer, &err);
	if (is_probe(request)) {
		result = result_of_probe(request, gate, fingerprint, &answer,
					 &err);
	} else {
		*attempt_r = attempt_of(request, &query, gate, &answer);
		result = result_of(request, gate, fingerprint, &answer, &err);
	}
	tlspubkey_gate_answer_release(&answer);
	return result;
}
