#include "dovecot-auth-tlspubkey/passdb-tlspubkey.h"

#include "str.h"
#include "strescape.h"

#include "common/directory.h"
#include "common/error.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/passdb-rules.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"
#include "dovecot-auth-tlspubkey/tlspubkey-gate.h"
#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

#define DRIVER "tlspubkey"

/* About 12,000 logins a second by key, in 16 MB. */
#define REPLAY_MAX ((size_t)1 << 20)

struct tlspubkey_passdb {
	struct passdb_module module;
	struct tlspubkey_settings set;
	struct directory *dir;
	struct passdb_spool *spool; /* a worker's */
};

void authdb_tlspubkey_init(void);
void authdb_tlspubkey_deinit(void);

extern const char *authdb_tlspubkey_version;
const char *authdb_tlspubkey_version = DOVECOT_ABI_VERSION;

/* Of the auth process alone: its workers believe what it tells them. */
static struct login_secrets local_secrets, forward_secrets;
static struct tlspubkey_replay *replay;

static struct tlspubkey_passdb *passdb_of(const struct auth_request *request)
{
	return container_of(request->passdb->passdb, struct tlspubkey_passdb,
			    module);
}

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

static bool is_by_key(const struct auth_request *request)
{
	return is_external(request) || is_probe(request);
}

/* In a worker: ask the directory. */

/* The site's first, so that none of them stands in for ours. */
static bool set_fields(struct auth_request *request, const char *fingerprint,
		       const struct tlspubkey_gate_answer *answer)
{
	if (!compat_set_site_fields(request))
		return FALSE;
	if (answer->account != NULL)
		auth_request_set_field(request, "user", answer->account, NULL);
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

/* attempt_r: to be noted when this is answered. */
static enum passdb_result
ask_directory(struct auth_request *request, struct passdb_attempt **attempt_r)
{
	struct tlspubkey_passdb *passdb = passdb_of(request);
	const char *fingerprint = auth_fields_find(request->fields.extra_fields,
						   TLSPUBKEY_FIELD_KEY);
	struct tlspubkey_gate_query query = {
		.login = request->fields.user,
		.external = is_by_key(request),
		.ask_always = passdb->set.gate_all,
		.any_authzid = passdb->set.any_authzid,
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
	gate = tlspubkey_gate(passdb->dir, &query, &answer, &err);
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

/* In auth: believe or refuse the field, then send the question to a worker. */

enum key_state {
	KEY_NONE,
	KEY_GOOD,
	KEY_REFUSED,
	KEY_UNSURE, /* to be tried again */
};

/* No key is known then: its event has none, and there is nothing to spool. */
static struct event *event_of(const struct auth_request *request,
			      const char *result, const char *reason)
{
	return event_create_passthrough(authdb_event(request))
		->set_name(PASSDB_ATTEMPT_EVENT)
		->add_str("result", result)
		->add_str("reason", reason)
		->add_str("protocol", compat_protocol(request))
		->event();
}

static enum key_state verify_field(struct auth_request *request,
				   const char *field,
				   const struct login_secrets *secrets,
				   const struct tlspubkey_hop *hop)
{
	enum tlspubkey_forward_result result;
	struct tlspubkey_session session;
	struct fingerprint fingerprint;
	char text[FINGERPRINT_TEXT_SIZE];

	if (secrets->count == 0) {
		e_error(event_of(request, "deferred", "there is no secret"),
			"no logins with a key: there was no %s at start",
			secrets == &local_secrets ? LOGIN_SECRET_LOCAL
						  : LOGIN_SECRET_FORWARD);
		return KEY_UNSURE;
	}
	compat_session(&session, request);
	session.hop = hop;
	result = tlspubkey_forward_verify(&fingerprint, field, secrets,
					  &session, time(NULL), replay);
	if (result != TLSPUBKEY_FORWARD_GOOD) {
		bool temporary = tlspubkey_forward_temporary(result);
		const char *reason = tlspubkey_forward_reason(result);

		e_warning(event_of(request, temporary ? "deferred" : "refused",
				   reason),
			  "refused: key field%s %s",
			  hop == NULL ? "" : " of a proxy", reason);
		return temporary ? KEY_UNSURE : KEY_REFUSED;
	}
	fingerprint_format(text, &fingerprint);
	auth_fields_add(request->fields.extra_fields, TLSPUBKEY_FIELD_KEY, text,
			AUTH_FIELD_FLAG_HIDDEN);
	return KEY_GOOD;
}

/*
 * The field is taken out, so that it goes to no proxy's backend, and so are
 * any fields that only we set. The snapshot keeps a roll-back from restoring
 * them.
 */
static enum key_state take_key(struct auth_request *request)
{
	struct auth_fields *fields = request->fields.extra_fields;
	const char *field =
		t_strdup(auth_fields_find(fields, TLSPUBKEY_FIELD_FORWARD));
	const char *proxy_field = t_strdup(
		auth_fields_find(fields, TLSPUBKEY_FIELD_FORWARD_PROXY));
	struct tlspubkey_hop hop;

	auth_fields_remove(fields, TLSPUBKEY_FIELD_FORWARD);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_FORWARD_PROXY);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_KEY);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_CHECKED);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_NAME);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_DIGITS);
	auth_fields_snapshot(fields);
	if (field != NULL)
		return verify_field(request, field, &local_secrets, NULL);
	if (proxy_field == NULL)
		return KEY_NONE;
	compat_hop(&hop, request);
	return verify_field(request, proxy_field, &forward_secrets, &hop);
}

static void finish(struct auth_request *request, enum passdb_result result)
{
	if (result == PASSDB_RESULT_NEXT && passdb_rules_master_done(request))
		result = PASSDB_RESULT_OK;
	compat_finish(request, result);
}

static bool on_worker_reply(struct auth_worker_connection *conn ATTR_UNUSED,
			    compat_worker_reply reply, void *context)
{
	struct auth_request *request = context;
	enum passdb_result result =
		passdb_blocking_auth_worker_reply_parse(request, reply);

	if (result == PASSDB_RESULT_OK || result == PASSDB_RESULT_NEXT)
		compat_cache_by_user(request);
	finish(request, result);
	auth_request_unref(&request);
	return TRUE;
}

/*
 * Credentials are not ours to give: whatever is looked up, the worker is asked
 * the same question, and never given the password.
 */
static void ask_worker(struct auth_request *request)
{
	string_t *question = t_str_new(256);

	str_printfa(question, "PASSV\t%u\t\t", request->passdb->passdb->id);
	auth_request_export(request, question);
	auth_request_ref(request);
	auth_worker_call(request->pool, request->fields.user, str_c(question),
			 on_worker_reply, request);
}

static bool is_asked_about(struct auth_request *request, enum key_state key)
{
	/* Nobody logs in: doveadm or LMTP looks a user up. */
	if (request->fields.mech_name == NULL)
		return FALSE;
	return key == KEY_GOOD || is_by_key(request) ||
	       passdb_of(request)->set.gate_all;
}

static void begin(struct auth_request *request)
{
	enum key_state key = take_key(request);

	if (!passdb_rules_first(auth_request_get_auth(request), DRIVER)) {
		e_error(authdb_event(request),
			"put off: passdb " DRIVER " is not the first");
		finish(request, PASSDB_RESULT_INTERNAL_FAILURE);
	} else if (key == KEY_UNSURE) {
		finish(request, PASSDB_RESULT_INTERNAL_FAILURE);
	} else if (key == KEY_REFUSED) {
		finish(request, PASSDB_RESULT_PASSWORD_MISMATCH);
	} else if (is_asked_about(request, key)) {
		ask_worker(request);
	} else {
		finish(request, PASSDB_RESULT_NEXT);
	}
}

/* In a worker. What callback does ends with the answer written to auth. */
static void
answer(struct auth_request *request, verify_plain_callback_t *callback)
{
	struct passdb_spool *spool = passdb_of(request)->spool;
	struct passdb_attempt *attempt;
	enum passdb_result result = ask_directory(request, &attempt);

	callback(result, request);
	passdb_attempt_note(&attempt, spool);
}

static void tlspubkey_verify_plain(struct auth_request *request,
				   const char *password ATTR_UNUSED,
				   verify_plain_callback_t *callback)
{
	if (worker)
		answer(request, callback);
	else
		begin(request);
}

static void answer_credentials(struct auth_request *request,
			       lookup_credentials_callback_t *callback)
{
	struct passdb_spool *spool = passdb_of(request)->spool;
	struct passdb_attempt *attempt;
	enum passdb_result result = ask_directory(request, &attempt);

	compat_answer_credentials(callback, result, request);
	passdb_attempt_note(&attempt, spool);
}

static void
tlspubkey_lookup_credentials(struct auth_request *request,
			     lookup_credentials_callback_t *callback)
{
	if (worker)
		answer_credentials(request, callback);
	else
		begin(request);
}

struct passdb_module *passdb_tlspubkey_new(pool_t pool,
					   struct tlspubkey_settings *set,
					   struct error *err_r)
{
	struct tlspubkey_passdb *passdb =
		p_new(pool, struct tlspubkey_passdb, 1);

	passdb->set = *set;
	if (directory_open(&passdb->dir, set->directory, err_r) < 0) {
		tlspubkey_settings_release(&passdb->set);
		return NULL;
	}
	if (worker)
		passdb->spool = passdb_spool_open(set->directory);
	return &passdb->module;
}

static void tlspubkey_init(struct passdb_module *module)
{
	static bool fixed;

	/* Only auth itself can check the field; it asks a worker when it has.
	 */
	module->blocking = FALSE;
	if (worker || fixed)
		return;
	passdb_rules_fix(DRIVER);
	fixed = TRUE;
}

static void tlspubkey_deinit(struct passdb_module *module)
{
	struct tlspubkey_passdb *passdb =
		container_of(module, struct tlspubkey_passdb, module);

	passdb_spool_close(&passdb->spool);
	directory_close(&passdb->dir);
	tlspubkey_settings_release(&passdb->set);
}

static struct passdb_module_interface passdb_tlspubkey = {
	.name = DRIVER,
	.preinit = passdb_tlspubkey_preinit,
	.init = tlspubkey_init,
	.deinit = tlspubkey_deinit,
	.verify_plain = tlspubkey_verify_plain,
	.lookup_credentials = tlspubkey_lookup_credentials,
};

/* Still root here. */
void authdb_tlspubkey_init(void)
{
	struct error err;

	passdb_register_module(&passdb_tlspubkey);
	if (worker)
		return;
	replay = tlspubkey_replay_new(
		TLSPUBKEY_FORWARD_WINDOW + TLSPUBKEY_FORWARD_AHEAD, REPLAY_MAX);
	if (login_secrets_load(&local_secrets, LOGIN_SECRET_LOCAL, &err) < 0)
		i_error("passdb tlspubkey: no logins with a key: %s", err.text);
	if (login_secrets_load(&forward_secrets, LOGIN_SECRET_FORWARD, &err) <
	    0)
		i_error("passdb tlspubkey: no logins with a key through a "
			"proxy: %s",
			err.text);
}

void authdb_tlspubkey_deinit(void)
{
	passdb_unregister_module(&passdb_tlspubkey);
	login_secrets_wipe(&local_secrets);
	login_secrets_wipe(&forward_secrets);
	tlspubkey_replay_free(&replay);
}
