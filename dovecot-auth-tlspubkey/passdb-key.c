#include "dovecot-auth-tlspubkey/passdb-key.h"

#include "common/error.h"
#include "common/fingerprint.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"
#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

/* About 12,000 logins a second by key, in 16 MB. */
#define REPLAY_MAX ((size_t)1 << 20)

/* Of the auth process alone: its workers believe what it tells them. */
static struct login_secrets local_secrets, forward_secrets;
static struct tlspubkey_replay *replay;

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

static enum passdb_key verify_field(struct auth_request *request,
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
		return PASSDB_KEY_UNSURE;
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
		return temporary ? PASSDB_KEY_UNSURE : PASSDB_KEY_REFUSED;
	}
	fingerprint_format(text, &fingerprint);
	auth_fields_add(request->fields.extra_fields, TLSPUBKEY_FIELD_KEY, text,
			AUTH_FIELD_FLAG_HIDDEN);
	return PASSDB_KEY_GOOD;
}

enum passdb_key passdb_key_take(struct auth_request *request)
{
	struct auth_fields *fields = request->fields.extra_fields;
	const char *field =
		t_strdup(auth_fields_find(fields, TLSPUBKEY_FIELD_FORWARD));
	const char *proxy_field = t_strdup(
		auth_fields_find(fields, TLSPUBKEY_FIELD_FORWARD_PROXY));
	bool bare = auth_fields_exists(fields, TLSPUBKEY_FIELD_FORWARD_BARE);
	struct tlspubkey_hop hop;

	auth_fields_remove(fields, TLSPUBKEY_FIELD_FORWARD);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_FORWARD_BARE);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_FORWARD_PROXY);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_KEY);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_BARE);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_CHECKED);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_NAME);
	auth_fields_remove(fields, TLSPUBKEY_FIELD_DIGITS);
	/* So that no roll-back restores them. */
	auth_fields_snapshot(fields);
	if (bare)
		auth_fields_add(fields, TLSPUBKEY_FIELD_BARE, "y",
				AUTH_FIELD_FLAG_HIDDEN);
	if (field != NULL)
		return verify_field(request, field, &local_secrets, NULL);
	if (proxy_field == NULL)
		return PASSDB_KEY_NONE;
	compat_hop(&hop, request);
	return verify_field(request, proxy_field, &forward_secrets, &hop);
}

void passdb_key_init(void)
{
	struct error err;

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

void passdb_key_deinit(void)
{
	login_secrets_wipe(&local_secrets);
	login_secrets_wipe(&forward_secrets);
	tlspubkey_replay_free(&replay);
}
