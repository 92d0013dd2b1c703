#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "strfuncs.h"

#include "dovecot-auth-tlspubkey/mech-external.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

#define AUTHZID_MAX 1024 /* octets */

/*
 * A first passdb that is to be asked about others' users is left out by
 * Dovecot, without a word. Nobody but this mechanism would be there to say that
 * there is no gate then.
 */
static void check_passdbs(void)
{
	const struct auth_passdb_settings *passdb;
	unsigned int i;

	for (i = 0;; i++) {
		passdb = compat_passdb_settings(global_auth_settings, i);
		if (passdb == NULL)
			return;
		if (passdb->master)
			continue;
		if (strcmp(passdb->skip, "unauthenticated") != 0)
			return;
		if (strcmp(passdb->driver, "tlspubkey") == 0)
			i_fatal("passdb tlspubkey: skip = unauthenticated "
				"would have Dovecot leave it out, and logins "
				"are past the gate: remove that line");
	}
}

/* What stands before us in auth_mechanisms is taken already. */
void mech_external_check_order(void)
{
	const char *const *name = compat_auth_mechanisms(global_auth_settings);

	check_passdbs();
	for (; *name != NULL && strcasecmp(*name, "tlspubkey") != 0; name++) {
		if (strcasecmp(*name, "external") == 0)
			i_error("auth_mechanisms: tlspubkey must stand before "
				"external, or no key can log in");
	}
}

/*
 * RFC 4422 A.1: the only message is the authzid, who the client wants to be.
 * No master user and none of the user name settings: the passdb compares it
 * with what the directory has.
 */
bool mech_external_begin(struct auth_request *request, struct event *event,
			 const void *data, size_t size)
{
	struct auth_fields *fields = request->fields.extra_fields;

	if (size > AUTHZID_MAX) {
		e_info(event, "authzid is longer than %d octets", AUTHZID_MAX);
		return FALSE;
	}
	if (size > 0 && memchr(data, '\0', size) != NULL) {
		e_info(event, "authzid has a NUL in it");
		return FALSE;
	}
	auth_request_set_username_forced(request,
					 size == 0 ? TLSPUBKEY_USER_OF_KEY
						   : t_strndup(data, size));
	/* Nobody but the passdb sets it, and a roll-back must not restore it.
	 */
	auth_fields_remove(fields, TLSPUBKEY_FIELD_CHECKED);
	auth_fields_snapshot(fields);
	return TRUE;
}

/*
 * Any passdb may say OK to an empty password. It counts only with the mark of
 * ours, which has seen a key.
 */
bool mech_external_accept(struct auth_request *request, struct event *event)
{
	if (auth_fields_exists(request->fields.extra_fields,
			       TLSPUBKEY_FIELD_CHECKED))
		return TRUE;
	e_error(event, "EXTERNAL was answered by another passdb than "
		       "tlspubkey, which must be the first: refused");
	return FALSE;
}
