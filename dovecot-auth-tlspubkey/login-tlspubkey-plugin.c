#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "auth-client.h"
#include "iostream-openssl.h"
#include "module-context.h"

#include "common/error.h"
#include "common/fingerprint.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-client.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-plugin.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-preauth.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-proxy.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-starttls.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"
#include "dovecot-auth-tlspubkey/tlspubkey-peer.h"

const char *login_tlspubkey_plugin_version = DOVECOT_ABI_VERSION;

static MODULE_CONTEXT_DEFINE_INIT(tlspubkey_login_module,
				  &login_module_register);
static struct login_secrets secrets;

struct tlspubkey_client *login_tlspubkey_client(struct client *client)
{
	return MODULE_CONTEXT_REQUIRE(client, tlspubkey_login_module);
}

bool login_tlspubkey_handshake_pending(const struct client *client)
{
	return client->ssl_iostream != NULL &&
	       !ssl_iostream_is_handshaked(client->ssl_iostream);
}

static bool have_secret(void)
{
	return secrets.count > 0;
}

/*
 * Where Dovecot itself demands a certificate, it takes none from a session
 * that was resumed, and it is left to end them.
 */
static bool asks_for_keys(const struct client *client)
{
	return have_secret() && !client->set->auth_ssl_require_client_cert;
}

/*
 * Only after the handshake: before it a certificate may be there whose key
 * has not been proved yet. Without a secret nobody has a key.
 */
const struct fingerprint *login_tlspubkey_key(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (!have_secret() || client->ssl_iostream == NULL ||
	    login_tlspubkey_handshake_pending(client))
		return NULL;
	if (!tclient->key_asked) {
		tclient->key_presented = tlspubkey_peer_key(
			&tclient->key, client->ssl_iostream->ssl);
		tclient->key_asked = TRUE;
	}
	return tclient->key_presented ? &tclient->key : NULL;
}

static bool is_our_field(const char *field)
{
	return strncasecmp(field, TLSPUBKEY_FIELD_PREFIX,
			   strlen(TLSPUBKEY_FIELD_PREFIX)) == 0;
}

static bool is_proxy_field(const char *field)
{
	return str_begins_with(field, TLSPUBKEY_FIELD_PROXY "=");
}

static bool is_our_field_of_no_proxy(const char *field)
{
	return is_our_field(field) && !is_proxy_field(field);
}

/* Did a proxy, in whose own certificate nobody is interested, pass one on? */
static bool has_forwarded_key(const struct client *client)
{
	const char *const *field;

	if (!compat_is_trusted(client))
		return FALSE;
	for (field = compat_forward_fields(client); *field != NULL; field++) {
		if (is_proxy_field(*field))
			return TRUE;
	}
	return FALSE;
}

static bool
add_forward_field(struct client *client, const struct fingerprint *key)
{
	const time_t now = time(NULL);
	struct tlspubkey_session session;
	char text[TLSPUBKEY_FORWARD_SIZE];
	struct error err;

	compat_session(&session, client);
	if (tlspubkey_forward_sign(text, login_secrets_signing(&secrets, now),
				   &session, key, now, &err) < 0) {
		e_error(client->event, "tlspubkey: %s", err.text);
		return FALSE;
	}
	client_add_forward_field(client, TLSPUBKEY_FIELD_LOGIN, text);
	return TRUE;
}

/* Dovecot logs in who has said MAIL, where it is told to do so. */
static bool is_bare_submission(const struct client *client)
{
	return compat_is_implicit(client) &&
	       strcmp(login_binary->protocol, "submission") == 0;
}

bool login_tlspubkey_forward_key(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	const struct fingerprint *key = login_tlspubkey_key(client);

	tclient->key_forwarded = has_forwarded_key(client);
	/* What a trusted proxy's client put there under our name. */
	compat_drop_forward_fields(client, tclient->key_forwarded
						   ? is_our_field_of_no_proxy
						   : is_our_field);
	if (is_bare_submission(client))
		client_add_forward_field(client, TLSPUBKEY_FIELD_LOGIN_BARE,
					 "y");
	return tclient->key_forwarded || key == NULL ||
	       add_forward_field(client, key);
}

/*
 * Called for every mechanism that is listed, and once for the one that a login
 * begins with, just before the request is made.
 */
static bool filter_mech(struct client *client, struct auth_mech_desc *mech)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	const struct fingerprint *key = login_tlspubkey_key(client);
	bool begins = client->authenticating && client->auth_request == NULL;

	if (tclient->module_ctx.super.sasl_filter_mech != NULL &&
	    !tclient->module_ctx.super.sasl_filter_mech(client, mech))
		return FALSE;
	if (begins && !login_tlspubkey_forward_key(client))
		return FALSE;
	return strcmp(mech->name, "EXTERNAL") != 0 || key != NULL ||
	       has_forwarded_key(client);
}

static const char *passdb_field(const struct client *client, const char *name)
{
	const char *const *arg = client->auth_passdb_args;
	const size_t len = strlen(name);

	for (; arg != NULL && *arg != NULL; arg++) {
		if (strncmp(*arg, name, len) == 0 && (*arg)[len] == '=')
			return *arg + len + 1;
	}
	return NULL;
}

/*
 * A passdb before ours, or a mechanism that asks none, knows nothing of keys:
 * a login that was not checked against the presented key does not go on.
 */
static bool is_checked(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	const struct fingerprint *key = login_tlspubkey_key(client);
	const char *checked = passdb_field(client, TLSPUBKEY_FIELD_CHECKED);
	char text[FINGERPRINT_TEXT_SIZE] = "that a proxy has passed on";

	if (tclient->key_forwarded ? checked != NULL : key == NULL)
		return TRUE;
	if (!tclient->key_forwarded) {
		fingerprint_format(text, key);
		if (null_strcmp(checked, text) == 0)
			return TRUE;
	}
	e_error(client->event,
		"tlspubkey: the login was not checked against the client's "
		"key %s: passdb tlspubkey must be the first",
		text);
	return FALSE;
}

static bool check_login(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (!is_checked(client)) {
		compat_auth_failed(client, "Key not checked",
				   AUTH_CLIENT_FAIL_CODE_TEMPFAIL);
		return FALSE;
	}
	if (tclient->module_ctx.super.sasl_check_login != NULL &&
	    !tclient->module_ctx.super.sasl_check_login(client))
		return FALSE;
	return login_preauth_check(client);
}

/* sasl_check_login() is not called for what goes on to a backend. */
static int pass_key_on(struct client *client)
{
	const char *checked = passdb_field(client, TLSPUBKEY_FIELD_CHECKED);
	struct error err = { .text = "Key not checked" };

	if (is_checked(client) &&
	    (checked == NULL ||
	     login_tlspubkey_proxy_pass_on(client, checked, &err) == 0))
		return 0;
	login_proxy_failed(client->login_proxy,
			   login_proxy_get_event(client->login_proxy),
			   LOGIN_PROXY_FAILURE_TYPE_INTERNAL,
			   t_strdup_printf("tlspubkey: %s", err.text));
	return -1;
}

static int proxy_parse_line(struct client *client, const char *line)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (!tclient->key_passed_on) {
		if (pass_key_on(client) < 0)
			return -1;
		tclient->key_passed_on = TRUE;
	}
	return tclient->module_ctx.super.proxy_parse_line(client, line);
}

/* Before each connection to a backend. */
static void proxy_reset(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	tclient->key_passed_on = FALSE;
	tclient->module_ctx.super.proxy_reset(client);
}

void login_tlspubkey_request(struct client *client)
{
	if (asks_for_keys(client) && client->ssl_iostream != NULL)
		tlspubkey_peer_request(client->ssl_iostream->ssl);
}

static bool greeting_lists_mechanisms(void)
{
	return strcmp(login_binary->protocol, "imap") == 0 ||
	       strcmp(login_binary->protocol, "sieve") == 0;
}

static void client_allocated(struct client *client)
{
	struct client_vfuncs *v = client->vlast;
	struct tlspubkey_client *tclient =
		p_new(client->pool, struct tlspubkey_client, 1);

	tclient->module_ctx.super = *v;
	client->vlast = &tclient->module_ctx.super;
	MODULE_CONTEXT_SET(client, tlspubkey_login_module, tclient);

	v->sasl_filter_mech = filter_mech;
	v->sasl_check_login = check_login;
	v->proxy_reset = proxy_reset;
	v->proxy_parse_line = proxy_parse_line;
	if (asks_for_keys(client))
		login_starttls_hook(client, v);
	if (greeting_lists_mechanisms())
		login_preauth_hook(client, v);
	login_tlspubkey_request(client);
	if (client->ssl_iostream != NULL) {
		tclient->alpn.protocol = login_binary->protocol;
		tlspubkey_peer_watch_alpn(client->ssl_iostream->ssl,
					  &tclient->alpn);
	}
}

static struct login_client_hooks hooks = { client_allocated };

/* Still root and outside the chroot here. */
void login_tlspubkey_plugin_init(struct module *module)
{
	struct error err;

	if (login_secrets_load(&secrets, LOGIN_SECRET_LOCAL, &err) < 0)
		i_error("login_tlspubkey: clients are not asked for a key: %s",
			err.text);
	login_tlspubkey_proxy_init();
	login_client_hooks_add(module, &hooks);
}

void login_tlspubkey_plugin_deinit(void)
{
	login_client_hooks_remove(&hooks);
	login_tlspubkey_proxy_deinit();
	login_secrets_wipe(&secrets);
}
