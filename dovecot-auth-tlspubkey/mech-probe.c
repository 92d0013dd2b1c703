#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "dovecot-auth-tlspubkey/mech-external.h"
#include "dovecot-auth-tlspubkey/mech-probe.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

bool mech_probe_begin(struct auth_request *request, struct event *event)
{
	/* The login itself asks the policy server. */
	request->policy_processed = TRUE;
	return mech_external_begin(request, event, "", 0);
}

/*
 * Who goes on to another server cannot: a proxy has nothing to say there for
 * a client that sent no command. Nor can who may not log in here.
 */
static bool goes_elsewhere(const struct auth_request *request)
{
	static const char *const fields[] = { "proxy", "proxy_maybe", "host",
					      "nologin" };
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(fields); i++) {
		if (auth_fields_exists(request->fields.extra_fields, fields[i]))
			return TRUE;
	}
	return FALSE;
}

const char *mech_probe_answer(const struct auth_request *request, bool accepted)
{
	/* As with EXTERNAL, only what our passdb has marked counts. */
	return accepted &&
			       auth_fields_exists(request->fields.extra_fields,
						  TLSPUBKEY_FIELD_CHECKED) &&
			       !goes_elsewhere(request)
		       ? TLSPUBKEY_PROBE_YES
		       : TLSPUBKEY_PROBE_NO;
}
