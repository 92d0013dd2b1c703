#ifndef DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_COMPAT_H
#define DOVECOT_AUTH_TLSPUBKEY_LOGIN_TLSPUBKEY_COMPAT_H

/*
 * What differs between the versions of Dovecot in login processes. Stands first
 * in a .c file of theirs.
 */
#include "login-common.h"
#include "array.h"
#include "auth-client.h"
#include "client-common.h"
#include "ioloop.h"
#include "iostream-ssl.h"
#include "str.h"
#include "strescape.h"

#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"

#if !DOVECOT_PREREQ(2, 4, 0)
#define str_begins_with(haystack, needle) str_begins(haystack, needle)
#endif

static inline bool compat_used_starttls(const struct client *client)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return client->connection_used_starttls;
#else
	return client->starttls;
#endif
}

/* May whoever connects say for whom? */
static inline bool compat_is_trusted(const struct client *client)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return client->connection_trusted;
#else
	return client->trusted;
#endif
}

/* As auth sees it, too. */
static inline void
compat_session(struct tlspubkey_session *session_r, struct client *client)
{
	*session_r = (struct tlspubkey_session){
		.id = client_get_session_id(client),
		.remote_address = net_ip2addr(&client->ip),
		.remote_port = client->remote_port,
		.protocol = login_binary->protocol,
	};
}

/* To a proxy's backend. */
static inline struct ostream *compat_proxy_output(const struct client *client)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return login_proxy_get_server_ostream(client->login_proxy);
#else
	return login_proxy_get_ostream(client->login_proxy);
#endif
}

/* As if auth had refused the login; code is one of auth-client.h. */
static inline void
compat_auth_failed(struct client *client, const char *reason, const char *code)
{
#if DOVECOT_PREREQ(2, 4, 5)
	sasl_proxy_auth_failed(client, reason, code);
#else
	sasl_server_auth_failed(client, reason, code);
#endif
}

/* Did the client begin this login by something else than a command for it? */
static inline bool compat_is_implicit(const struct client *client)
{
#if DOVECOT_PREREQ(2, 4, 5)
	return (client->auth_flags & SASL_PROXY_AUTH_FLAG_IMPLICIT) != 0;
#else
	return (client->auth_flags & SASL_SERVER_AUTH_FLAG_IMPLICIT) != 0;
#endif
}

/* The forward fields, NAME=VALUE; ends with NULL. */
static inline const char *const *
compat_forward_fields(const struct client *client)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const char **fields;
	unsigned int count = 0;

	if (array_is_created(&client->forward_fields))
		count = array_count(&client->forward_fields);
	fields = t_new(const char *, count + 1);
	if (count > 0)
		memcpy(fields, array_front(&client->forward_fields),
		       count * sizeof(*fields));
	return fields;
#else
	return client->forward_fields == NULL
		       ? t_new(const char *, 1)
		       : t_strsplit_tabescaped(str_c(client->forward_fields));
#endif
}

/* Drop the forward fields, NAME=VALUE, that are ours. */
#if DOVECOT_PREREQ(2, 4, 0)
static inline void
compat_drop_forward_fields(struct client *client,
			   bool (*is_ours)(const char *field))
{
	unsigned int i = 0;

	if (!array_is_created(&client->forward_fields))
		return;
	while (i < array_count(&client->forward_fields)) {
		if (is_ours(array_idx_elem(&client->forward_fields, i)))
			array_delete(&client->forward_fields, i, 1);
		else
			i++;
	}
	/* Dovecot takes the first of an array that is there. */
	if (i == 0)
		i_zero(&client->forward_fields);
}
#else
static inline void
compat_drop_forward_fields(struct client *client,
			   bool (*is_ours)(const char *field))
{
	const char *const *field;
	string_t *kept = client->forward_fields;

	if (kept == NULL)
		return;
	field = t_strsplit(str_c(kept), "\t");
	str_truncate(kept, 0);
	for (; *field != NULL; field++) {
		if (is_ours(t_str_tabunescape(*field)))
			continue;
		if (str_len(kept) > 0)
			str_append_c(kept, '\t');
		str_append(kept, *field);
	}
	if (str_len(kept) == 0)
		client->forward_fields = NULL;
}
#endif

/* After a greeting: read, and first what was read before it. */
static inline void compat_greeting_sent(struct client *client)
{
#if !DOVECOT_PREREQ(2, 4, 0)
	client->io = io_add_istream(client->input, client_input, client);
#endif
	io_set_pending(client->io);
}

/* As the login process itself would ask auth; all but mech and response. */
static inline int
compat_request_info(struct client *client, struct auth_request_info *info_r)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const char *client_error;

	return sasl_server_auth_request_info_fill(client, info_r,
						  &client_error);
#else
	*info_r = (struct auth_request_info){
		.service = login_binary->protocol,
		.session_id = client_get_session_id(client),
		.local_name = client->local_name,
		.flags = AUTH_REQUEST_FLAG_SECURED |
			 AUTH_REQUEST_FLAG_TRANSPORT_SECURITY_TLS,
		.local_ip = client->local_ip,
		.remote_ip = client->ip,
		.real_local_ip = client->real_local_ip,
		.real_remote_ip = client->real_remote_ip,
		.local_port = client->local_port,
		.remote_port = client->remote_port,
		.real_local_port = client->real_local_port,
		.real_remote_port = client->real_remote_port,
	};
	if (ssl_iostream_has_valid_client_cert(client->ssl_iostream))
		info_r->flags |= AUTH_REQUEST_FLAG_VALID_CLIENT_CERT;
	if (client->forward_fields != NULL)
		info_r->forward_fields = str_c(client->forward_fields);
	return 0;
#endif
}

/* The parameters of auth_request_callback_t before its context. */
#if DOVECOT_PREREQ(2, 4, 3)
#define COMPAT_AUTH_REPLY_PARAMETERS                                           \
	struct auth_client_request *request, enum auth_request_status status,  \
		const char *log_error ATTR_UNUSED, const char *data_base64,    \
		const char *const *args ATTR_UNUSED
#else
#define COMPAT_AUTH_REPLY_PARAMETERS                                           \
	struct auth_client_request *request, enum auth_request_status status,  \
		const char *data_base64, const char *const *args ATTR_UNUSED
#endif

#endif
