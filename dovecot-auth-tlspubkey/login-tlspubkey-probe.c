#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "base64.h"

#include "dovecot-auth-tlspubkey/login-tlspubkey-client.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-probe.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

/* Clients wait longer for a greeting, but not much. */
#define PROBE_TIMEOUT_MSECS (5 * 1000)

static bool is_yes(const char *data_base64)
{
	string_t *yes = t_base64_encode(0, 0, TLSPUBKEY_PROBE_YES,
					strlen(TLSPUBKEY_PROBE_YES));

	return null_strcmp(data_base64, str_c(yes)) == 0;
}

static void on_reply(COMPAT_AUTH_REPLY_PARAMETERS, void *context)
{
	struct client *client = context;
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	bool good =
		status == AUTH_REQUEST_STATUS_CONTINUE && is_yes(data_base64);

	/* Aborted: by us, either way. */
	if (tclient->probe == NULL)
		return;
	tclient->probe = NULL;
	timeout_remove(&tclient->to_probe);
	if (status == AUTH_REQUEST_STATUS_CONTINUE)
		auth_client_request_abort(&request, "Probe was answered");
	tclient->on_probed(client, good);
}

/* Auth, or the directory, does not answer; the login itself may wait for it. */
static void on_timeout(struct client *client)
{
	e_warning(client->event,
		  "tlspubkey: auth has not said in %u s whose key it is: "
		  "greeted as usual",
		  PROBE_TIMEOUT_MSECS / 1000);
	login_probe_abort(client);
	login_tlspubkey_client(client)->on_probed(client, false);
}

bool login_probe_start(struct client *client, login_probe_callback *callback)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	struct auth_request_info info;

	if (!auth_client_is_connected(auth_client) ||
	    auth_client_find_mech(auth_client, TLSPUBKEY_PROBE_MECH) == NULL ||
	    !login_tlspubkey_forward_key(client) ||
	    compat_request_info(client, &info) < 0)
		return FALSE;
	info.mech = TLSPUBKEY_PROBE_MECH;
	info.flags |= AUTH_REQUEST_FLAG_NO_PENALTY;
	info.initial_resp_base64 = "";
	tclient->on_probed = callback;
	tclient->probe =
		auth_client_request_new(auth_client, &info, on_reply, client);
	tclient->to_probe =
		timeout_add(PROBE_TIMEOUT_MSECS, on_timeout, client);
	return TRUE;
}

void login_probe_abort(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);
	struct auth_client_request *request = tclient->probe;

	tclient->probe = NULL;
	timeout_remove(&tclient->to_probe);
	if (request != NULL)
		auth_client_request_abort(&request, "Client is gone");
}
