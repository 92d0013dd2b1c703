#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "login-proxy.h"
#include "ostream.h"

#include "common/error.h"
#include "common/fingerprint.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-proxy.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"

static struct login_secrets secrets;

/* Of the connection itself, so that the field is good for no other one. */
static int get_hop(struct tlspubkey_hop *hop_r, const struct client *client,
		   struct error *err_r)
{
	int fd = o_stream_get_fd(compat_proxy_output(client));
	struct ip_addr from, to;
	in_port_t from_port, to_port;

	if (fd < 0 || net_getsockname(fd, &from, &from_port) < 0 ||
	    net_getpeername(fd, &to, &to_port) < 0)
		return error_set(err_r, "the connection to the backend has no "
					"addresses");
	hop_r->from = net_ip2addr(&from);
	hop_r->from_port = from_port;
	hop_r->to = net_ip2addr(&to);
	hop_r->to_port = to_port;
	return 0;
}

static int sign(char text_r[TLSPUBKEY_FORWARD_SIZE], struct client *client,
		const char *fingerprint, struct error *err_r)
{
	const time_t now = time(NULL);
	struct tlspubkey_hop hop;
	struct tlspubkey_session session;
	struct fingerprint key;

	if (fingerprint_parse(&key, fingerprint, err_r) < 0 ||
	    get_hop(&hop, client, err_r) < 0)
		return -1;
	compat_session(&session, client);
	session.hop = &hop;
	return tlspubkey_forward_sign(text_r,
				      login_secrets_signing(&secrets, now),
				      &session, &key, now, err_r);
}

/* Dovecot tells a backend what begins with "forward_". */
static void replace_field(struct client *client, const char *text)
{
	const char *const *old = client->auth_passdb_args;
	const unsigned int count = str_array_length(old);
	const char **args = p_new(client->pool, const char *, count + 2);
	unsigned int n = 0;

	for (; *old != NULL; old++) {
		if (!str_begins_with(*old, TLSPUBKEY_FIELD_FORWARD))
			args[n++] = *old;
	}
	args[n] = p_strconcat(client->pool, TLSPUBKEY_FIELD_FORWARD_PROXY, "=",
			      text, NULL);
	client->auth_passdb_args = args;
}

int login_tlspubkey_proxy_pass_on(struct client *client,
				  const char *fingerprint, struct error *err_r)
{
	char text[TLSPUBKEY_FORWARD_SIZE];

	if (secrets.count == 0)
		return 0;
	if (sign(text, client, fingerprint, err_r) < 0)
		return -1;
	replace_field(client, text);
	return 0;
}

void login_tlspubkey_proxy_init(void)
{
	struct error err;

	if (login_secrets_load(&secrets, LOGIN_SECRET_FORWARD, &err) < 0)
		i_error("login_tlspubkey: no key is passed on to a backend: %s",
			err.text);
}

void login_tlspubkey_proxy_deinit(void)
{
	login_secrets_wipe(&secrets);
}
