#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_COMPAT_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_COMPAT_H

/*
 * What differs between the versions of Dovecot in the auth process, and what is
 * reached past its usual functions. Stands first in a .c file of that process.
 * What is more than a line or two is a pair of files, NAME-2.3.c and
 * NAME-2.4.c, of which CMake takes one.
 */

/* The request's fields are const to most of auth; see auth-request.h. */
#define AUTH_REQUEST_FIELDS_CONST

#include "auth-common.h"
#include "auth-request.h"
#include "auth-settings.h"
#include "passdb.h"
#include "passdb-blocking.h"
#include "settings-parser.h"
#if DOVECOT_PREREQ(2, 4, 0)
#include "auth-worker-connection.h"
#else
#include "auth-worker-server.h"
#endif

#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"

/* An auth worker's reply, as passdb_blocking_auth_worker_reply_parse() has it.
 */
#if DOVECOT_PREREQ(2, 4, 0)
typedef const char *const *compat_worker_reply;
#else
typedef const char *compat_worker_reply;
#endif

/* What preinit() has besides its pool and what it returns, from 2.4 on. */
#if DOVECOT_PREREQ(2, 4, 3)
#define COMPAT_PREINIT_PARAMETERS                                              \
	struct event *event,                                                   \
		const struct passdb_parameters *parameters ATTR_UNUSED
#else
#define COMPAT_PREINIT_PARAMETERS struct event *event
#endif

/* Nothing in its block says which logins the passdb is asked about. */
static inline void compat_no_filters(struct auth_passdb *passdb)
{
#if DOVECOT_PREREQ(2, 4, 0)
	passdb->mechanisms_filter = NULL;
	passdb->username_filter = NULL;
#else
	passdb->mechanisms = NULL;
	passdb->username_filter = NULL;
#endif
}

/* Credentials are never ours to give. */
static inline void
compat_answer_credentials(lookup_credentials_callback_t *callback,
			  enum passdb_result result,
			  struct auth_request *request)
{
#if DOVECOT_PREREQ(2, 4, 5)
	callback(result, NULL, 0, NULL, request);
#else
	callback(result, NULL, 0, request);
#endif
}

/* To whoever asked the passdb. */
static inline void
compat_finish(struct auth_request *request, enum passdb_result result)
{
	if (request->wanted_credentials_scheme != NULL)
		compat_answer_credentials(
			auth_request_lookup_credentials_callback, result,
			request);
	else
#if DOVECOT_PREREQ(2, 4, 5)
		auth_request_verify_plain_passdb_callback(result, request);
#else
		auth_request_verify_plain_callback(result, request);
#endif
}

/* In the order in which their modules are loaded. */
static inline const char *const *
compat_auth_mechanisms(const struct auth_settings *set)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return settings_boollist_get(&set->mechanisms);
#else
	return t_strsplit_spaces(set->mechanisms, " ");
#endif
}

/* Of the passdbs in the order they stand in; NULL behind the last. */
static inline const struct auth_passdb_settings *
compat_passdb_settings(const struct auth_settings *set, unsigned int number)
{
#if DOVECOT_PREREQ(2, 4, 0)
	if (array_is_created(&set->parsed_passdbs) &&
	    number < array_count(&set->parsed_passdbs))
		return *array_idx(&set->parsed_passdbs, number);
#else
	if (array_is_created(&set->passdbs) &&
	    number < array_count(&set->passdbs))
		return *array_idx(&set->passdbs, number);
#endif
	return NULL;
}

/* What is logged in to; "" if that is not known. */
static inline const char *compat_protocol(const struct auth_request *request)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const char *protocol = request->fields.protocol;
#else
	const char *protocol = request->fields.service;
#endif

	return protocol != NULL ? protocol : "";
}

/* As the login process had it when it made the field. */
static inline void compat_session(struct tlspubkey_session *session_r,
				  const struct auth_request *request)
{
	const struct auth_request_fields *fields = &request->fields;

	session_r->id = fields->session_id != NULL ? fields->session_id : "";
	session_r->remote_address = net_ip2addr(&fields->remote_ip);
	session_r->remote_port = fields->remote_port;
	session_r->protocol = compat_protocol(request);
	session_r->hop = NULL;
}

/* The connection that the request came by, if that is a proxy's. */
static inline void
compat_hop(struct tlspubkey_hop *hop_r, const struct auth_request *request)
{
	const struct auth_request_fields *fields = &request->fields;

	hop_r->from = net_ip2addr(&fields->real_remote_ip);
	hop_r->from_port = fields->real_remote_port;
	hop_r->to = net_ip2addr(&fields->real_local_ip);
	hop_r->to_port = fields->real_local_port;
}

/* The fields that the site has in our block; 2.3 sets override_fields itself.
 */
static inline bool compat_set_site_fields(struct auth_request *request)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return auth_request_set_passdb_fields(request, NULL) == 0;
#else
	(void)request;
	return TRUE;
#endif
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
