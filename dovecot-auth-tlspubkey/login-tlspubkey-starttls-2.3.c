#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "iostream-openssl.h"
#include "master-service-ssl-settings.h"

#include "dovecot-auth-tlspubkey/login-tlspubkey-client.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-preauth.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-starttls.h"

static void starttls(struct client *client)
{
	login_tlspubkey_request(client);
	login_preauth_starttls(client);
}

static int on_client_hello(SSL *ssl, int *alert, void *context)
{
	(void)alert;
	(void)context;
	tlspubkey_peer_request(ssl);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/*
 * Submission begins TLS in a callback of lib-smtp, past the client's
 * functions. What it will take its connection from is the context that Dovecot
 * keeps for these settings; that one is made here if need be.
 */
static void watch_context(struct client *client)
{
	struct ssl_iostream_settings set;
	struct ssl_iostream_context *context;
	const char *error;

	master_service_ssl_server_settings_to_iostream_set(
		client->ssl_set, client->ssl_server_set,
		pool_datastack_create(), &set);
	/* As in client_init_ssl(). */
	set.allow_invalid_cert = TRUE;
	if (ssl_iostream_server_context_cache_get(&set, &context, &error) < 0) {
		e_error(client->event,
			"tlspubkey: STARTTLS will not ask for a key: %s",
			error);
		return;
	}
	SSL_CTX_set_client_hello_cb(context->ssl_ctx, on_client_hello, NULL);
	ssl_iostream_context_unref(&context);
}

void login_starttls_hook(struct client *client, struct client_vfuncs *v)
{
	if (v->starttls != NULL)
		v->starttls = starttls;
	else if (client->ssl_iostream == NULL && client_is_tls_enabled(client))
		watch_context(client);
}
