#include "dovecot-auth-tlspubkey/login-tlspubkey-compat.h"

#include "dovecot-auth-tlspubkey/login-tlspubkey-client.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-preauth.h"
#include "dovecot-auth-tlspubkey/login-tlspubkey-starttls.h"

/* TLS is among what may have changed, and may not have begun. */
static void iostream_change_post(struct client *client)
{
	struct tlspubkey_client *tclient = login_tlspubkey_client(client);

	login_tlspubkey_request(client);
	if (tclient->module_ctx.super.iostream_change_post != NULL)
		tclient->module_ctx.super.iostream_change_post(client);
}

void login_starttls_hook(struct client *client ATTR_UNUSED,
			 struct client_vfuncs *v)
{
	v->iostream_change_post = iostream_change_post;
	if (v->starttls != NULL)
		v->starttls = login_preauth_starttls;
}
