#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "auth-sasl.h"
#include "sasl-server-protected.h"

#include "dovecot-auth-tlspubkey/mech-external.h"
#include "dovecot-auth-tlspubkey/mech-probe.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

void mech_tlspubkey_init(void);
void mech_tlspubkey_deinit(void);

extern const char *mech_tlspubkey_version;
const char *mech_tlspubkey_version = DOVECOT_ABI_VERSION;

static struct auth_request *
auth_request_of(struct sasl_server_mech_request *request)
{
	return container_of(sasl_server_request_get_req_ctx(request),
			    struct auth_request, sasl.req);
}

static void on_verified(struct sasl_server_mech_request *request,
			const struct sasl_passdb_result *result)
{
	if (result->status == SASL_PASSDB_RESULT_INTERNAL_FAILURE)
		sasl_server_request_internal_failure(request);
	else if (result->status == SASL_PASSDB_RESULT_OK &&
		 mech_external_accept(auth_request_of(request), request->event))
		sasl_server_request_success(request, "", 0);
	else
		sasl_server_request_failure(request);
}

static void external_continue(struct sasl_server_mech_request *request,
			      const unsigned char *data, size_t size)
{
	if (mech_external_begin(auth_request_of(request), request->event, data,
				size))
		sasl_server_request_verify_plain(request, "", on_verified);
	else
		sasl_server_request_failure(request);
}

static const struct sasl_server_mech_funcs external_funcs = {
	.auth_initial = sasl_server_mech_generic_auth_initial,
	.auth_continue = external_continue,
};

static const struct sasl_server_mech_def external_def = {
	.name = "EXTERNAL",
	.passdb_need = SASL_MECH_PASSDB_NEED_VERIFY_PLAIN,
	.funcs = &external_funcs,
};

static bool external_register(struct sasl_server_instance *instance,
			      const struct auth_settings *set ATTR_UNUSED)
{
	sasl_server_mech_register(instance, &external_def, NULL);
	return TRUE;
}

static void external_unregister(struct sasl_server_instance *instance)
{
	sasl_server_mech_unregister(instance, &external_def);
}

static const struct auth_sasl_mech_module mech_external = {
	.mech_name = "EXTERNAL",
	.mech_register = external_register,
	.mech_unregister = external_unregister,
};

static void on_probed(struct sasl_server_mech_request *request,
		      const struct sasl_passdb_result *result)
{
	const char *answer =
		mech_probe_answer(auth_request_of(request),
				  result->status == SASL_PASSDB_RESULT_OK);

	sasl_server_request_output(request, answer, strlen(answer));
}

static void probe_initial(struct sasl_server_mech_request *request,
			  const unsigned char *data ATTR_UNUSED,
			  size_t size ATTR_UNUSED)
{
	if (mech_probe_begin(auth_request_of(request), request->event))
		sasl_server_request_verify_plain(request, "", on_probed);
	else
		sasl_server_request_failure(request);
}

/* Whoever goes on after the answer is refused. */
static void probe_continue(struct sasl_server_mech_request *request,
			   const unsigned char *data ATTR_UNUSED,
			   size_t size ATTR_UNUSED)
{
	sasl_server_request_failure(request);
}

static const struct sasl_server_mech_funcs probe_funcs = {
	.auth_initial = probe_initial,
	.auth_continue = probe_continue,
};

static const struct sasl_server_mech_def probe_def = {
	.name = TLSPUBKEY_PROBE_MECH,
	.flags = SASL_MECH_SEC_PRIVATE,
	.passdb_need = SASL_MECH_PASSDB_NEED_VERIFY_PLAIN,
	.funcs = &probe_funcs,
};

static bool probe_register(struct sasl_server_instance *instance,
			   const struct auth_settings *set ATTR_UNUSED)
{
	sasl_server_mech_register(instance, &probe_def, NULL);
	return TRUE;
}

static void probe_unregister(struct sasl_server_instance *instance)
{
	sasl_server_mech_unregister(instance, &probe_def);
}

/* Its name is what makes Dovecot load this module. */
static const struct auth_sasl_mech_module mech_tlspubkey = {
	.mech_name = TLSPUBKEY_PROBE_MECH,
	.mech_register = probe_register,
	.mech_unregister = probe_unregister,
};

void mech_tlspubkey_init(void)
{
	const struct auth_sasl_mech_module *stock =
		auth_sasl_mech_module_find("EXTERNAL");

	mech_external_check_order();
	if (stock != NULL)
		auth_sasl_mech_unregister_module(stock);
	auth_sasl_mech_register_module(&mech_external);
	auth_sasl_mech_register_module(&mech_tlspubkey);
}

void mech_tlspubkey_deinit(void)
{
	auth_sasl_mech_unregister_module(&mech_external);
	auth_sasl_mech_unregister_module(&mech_tlspubkey);
}
