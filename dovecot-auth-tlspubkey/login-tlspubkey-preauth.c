#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "imap-login-client.h"
#include "istream.h"

#include "dovecot-auth-tlspubkey/login-tlspubkey-client.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-preauth.h"
#include "dovecot-auth-tlspubkey/tlspubkey-ambient.h"

/*
 * What the mail process puts before its reply, as if it were a command's tag,
 * behind a flag: "0" for capabilities within the reply. So the client is
 * greeted by who can do what it is told, and once nothing can fail:
 *
 *   * PREAUTH Logged in by key
 *   * OK [CAPABILITY ...] Logged in
 */
static const char master_prefix[] = "0* PREAUTH Logged in by key\r\n*";

static bool is_imap(void)
{
	return strcmp(login_binary->protocol, "imap") == 0;
}

static void set_tag(struct client *client, const char *tag)
{
	((struct imap_client *)client)->cmd_tag = tag;
}

static void greet(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	const unsigned char *data;
	size_t size;

	if (tclient->greeting == GREETING_LOGIN)
		set_tag(client, NULL);
	tclient->greeting = GREETING_STOCK;
	data = i_stream_get_data(client->input, &size);
	if (login_tlspubkey_key(client) != NULL &&
	    tlspubkey_is_http(data, size)) {
		client_destroy(client, "Client speaks HTTP");
		return;
	}
	tclient->module_ctx.super.notify_auth_ready(client);
	compat_greeting_sent(client);
}

/* What the client has said by now, without handling it. */
static bool speaks_http(struct client *client)
{
	const unsigned char *data;
	size_t size;

	(void)i_stream_read(client->input);
	data = i_stream_get_data(client->input, &size);
	return tlspubkey_is_http(data, size);
}

static void log_in(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	tclient->greeting = GREETING_LOGIN;
	/* Of the login's replies only what we let through goes out; but in
	 * none of them may Dovecot find that there is no tag. */
	set_tag(client, "*");
	i_free(client->master_data_prefix);
	client->master_data_prefix =
		p_memdup(default_pool, master_prefix, sizeof(master_prefix));
	client->master_data_prefix_len = sizeof(master_prefix);
	(void)client_auth_begin_implicit(client, "EXTERNAL", "");
}

static void on_probed(struct client *client, bool good)
{
	bool http = speaks_http(client);

	if (good && !http)
		log_in(client);
	else
		greet(client);
}

/*
 * A browser that a web page points here says by ALPN that it speaks HTTP. No
 * mail client names protocols without naming its own.
 */
static bool is_asked_for(struct client *client)
{
	return is_imap() && login_tlspubkey_key(client) != NULL &&
	       !compat_used_starttls(client) &&
	       !login_tlspubkey_client(client)->alpn.others_only;
}

/* The handshake is over. Nobody reads the client until it has been greeted. */
static void begin(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	io_remove(&client->io);
	tclient->greeting = GREETING_PROBE;
	if (!is_asked_for(client) || !login_probe_start(client, on_probed))
		greet(client);
}

/*
 * The client must still be there when this returns, so what may end it is left
 * to input(), which is to be called as usual. Nobody reads the client by now
 * from Dovecot 2.4 on, nor if its handshake was over before auth was reached.
 */
static void notify_auth_ready(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	tclient->auth_ready = TRUE;
	if (tclient->greeting == GREETING_STOCK) {
		tclient->module_ctx.super.notify_auth_ready(client);
		return;
	}
	if (client->io == NULL)
		client->io =
			io_add_istream(client->input, client_input, client);
	io_set_pending(client->io);
}

/* Reading is what moves the handshake on. True when it is over. */
static bool read_handshake(struct client *client)
{
	bool done;

	client_ref(client);
	(void)client_read(client);
	done = !client->destroyed && !login_tlspubkey_handshake_pending(client);
	return client_unref(&client) && done;
}

/* What was read behind the handshake is still to be handled. */
static void end_starttls(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	tclient->greeting = GREETING_STOCK;
	tclient->module_ctx.super.starttls(client);
	io_set_pending(client->io);
}

/*
 * Dovecot 2.3 may read before it has reached auth, and would tell the client to
 * wait for it, in place of a greeting.
 */
static void input(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (tclient->greeting != GREETING_HANDSHAKE &&
	    tclient->greeting != GREETING_STARTTLS)
		tclient->module_ctx.super.input(client);
	else if (login_tlspubkey_handshake_pending(client) &&
		 !read_handshake(client))
		return;
	else if (tclient->greeting == GREETING_STARTTLS)
		end_starttls(client);
	else if (tclient->auth_ready)
		begin(client);
	else
		io_remove(&client->io);
}

void login_preauth_starttls(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (strcmp(login_binary->protocol, "sieve") == 0 &&
	    login_tlspubkey_handshake_pending(client))
		tclient->greeting = GREETING_STARTTLS;
	else
		tclient->module_ctx.super.starttls(client);
}

bool login_preauth_check(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (tclient->greeting != GREETING_LOGIN)
		return TRUE;
	if (speaks_http(client)) {
		compat_auth_failed(client, "Client speaks HTTP",
				   AUTH_CLIENT_FAIL_CODE_AUTHZFAILED);
		return FALSE;
	}
	tclient->greeting = GREETING_MAIL;
	return TRUE;
}

static void end(struct client *client, const char *text)
{
	client_notify_disconnect(client, CLIENT_DISCONNECT_RESOURCE_CONSTRAINT,
				 text);
}

/*
 * Refused by auth: as if nobody had tried. After that the client is logged in
 * as far as auth knows, and there is no way back to a greeting.
 */
static void auth_result(struct client *client, enum client_auth_result result,
			const struct client_auth_reply *reply, const char *text)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	switch (tclient->greeting) {
	case GREETING_LOGIN:
		if (client->login_proxy == NULL) {
			greet(client);
		} else {
			end(client, "Log in with a command");
			client_destroy(client, "Proxied, but logged in by key "
					       "alone");
		}
		break;
	case GREETING_MAIL:
		if (result != CLIENT_AUTH_RESULT_SUCCESS)
			end(client, text);
		break;
	case GREETING_STOCK:
	case GREETING_HANDSHAKE:
	case GREETING_PROBE:
	case GREETING_STARTTLS:
		tclient->module_ctx.super.auth_result(client, result, reply,
						      text);
		break;
	}
}

/* "Waiting for ..." would be taken for a greeting. */
static void notify_status(struct client *client, bool bad, const char *text)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	if (tclient->greeting == GREETING_STOCK)
		tclient->module_ctx.super.notify_status(client, bad, text);
}

static void destroy(struct client *client)
{
	login_probe_abort(client);
	login_tlspubkey_client(client)->module_ctx.super.destroy(client);
}

void login_preauth_hook(struct client *client, struct client_vfuncs *v)
{
	if (client->ssl_iostream != NULL)
		login_tlspubkey_client(client)->greeting = GREETING_HANDSHAKE;
	v->notify_auth_ready = notify_auth_ready;
	v->input = input;
	if (!is_imap())
		return;
	v->auth_result = auth_result;
	v->notify_status = notify_status;
	v->destroy = destroy;
}
