#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_COMPAT_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_COMPAT_H

/*
 * What differs between the versions of Dovecot, and what is reached past its
 * usual functions. Stands first in a .c file of the auth process.
 */

/* The request's fields are const to most of auth; see auth-request.h. */
#define AUTH_REQUEST_FIELDS_CONST

#include "auth-common.h"
#include "auth-request.h"
#include "passdb.h"

#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"

/* As the login process had it when it made the field. */
static inline void compat_session(struct tlspubkey_session *session_r,
				  const struct auth_request *request)
{
	const struct auth_request_fields *fields = &request->fields;

	session_r->id = fields->session_id != NULL ? fields->session_id : "";
	session_r->remote_address = net_ip2addr(&fields->remote_ip);
	session_r->remote_port = fields->remote_port;
	session_r->protocol = fields->service != NULL ? fields->service : "";
}

/*
 * Auth caches find what they keep by the name that was logged in with, which
 * EXTERNAL has none of. From here on it is the account's name, or an address
 * that has moved would find its old account's entries, and all EXTERNAL logins
 * one and the same.
 */
static inline void compat_cache_by_user(struct auth_request *request)
{
	request->fields.translated_username = request->fields.user;
}

#endif
