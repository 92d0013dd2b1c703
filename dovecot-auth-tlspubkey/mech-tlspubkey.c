#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "auth-request-handler.h"
#include "mech.h"

#include "dovecot-auth-tlspubkey/mech-external.h"
#include "dovecot-auth-tlspubkey/mech-probe.h"
#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

void mech_tlspubkey_init(void);
void mech_tlspubkey_deinit(void);

extern const char *mech_tlspubkey_version;
const char *mech_tlspubkey_version = DOVECOT_ABI_VERSION;

static struct auth_request *request_new(void)
{
	pool_t pool = pool_alloconly_create(
		MEMPOOL_GROWING "tlspubkey auth request", 2048);
	struct auth_request *request = p_new(pool, struct auth_request, 1);

	request->pool = pool;
	return request;
}

static void on_verified(enum passdb_result result, struct auth_request *request)
{
	if (result == PASSDB_RESULT_INTERNAL_FAILURE)
		auth_request_internal_failure(request);
	else if (result == PASSDB_RESULT_OK &&
		 mech_external_accept(request, request->mech_event))
		auth_request_success(request, "", 0);
	else
		auth_request_fail(request);
}

static void external_continue(struct auth_request *request,
			      const unsigned char *data, size_t size)
{
	if (mech_external_begin(request, request->mech_event, data, size))
		auth_request_verify_plain(request, "", on_verified);
	else
		auth_request_fail(request);
}

static const struct mech_module mech_external = {
	.mech_name = "EXTERNAL",
	.passdb_need = MECH_PASSDB_NEED_VERIFY_PLAIN,
	.auth_new = request_new,
	.auth_initial = mech_generic_auth_initial,
	.auth_continue = external_continue,
	.auth_free = mech_generic_auth_free,
};

static void on_probed(enum passdb_result result, struct auth_request *request)
{
	const char *answer =
		mech_probe_answer(request, result == PASSDB_RESULT_OK);

	auth_request_handler_reply_continue(request, answer, strlen(answer));
}

static void probe_initial(struct auth_request *request,
			  const unsigned char *data ATTR_UNUSED,
			  size_t size ATTR_UNUSED)
{
	if (mech_probe_begin(request, request->mech_event))
		auth_request_verify_plain(request, "", on_probed);
	else
		auth_request_fail(request);
}

/* Whoever goes on after the answer is refused. */
static void probe_continue(struct auth_request *request,
			   const unsigned char *data ATTR_UNUSED,
			   size_t size ATTR_UNUSED)
{
	auth_request_fail(request);
}

/* Its name is what makes Dovecot load this module. */
static const struct mech_module mech_tlspubkey = {
	.mech_name = TLSPUBKEY_PROBE_MECH,
	.flags = MECH_SEC_PRIVATE,
	.passdb_need = MECH_PASSDB_NEED_VERIFY_PLAIN,
	.auth_new = request_new,
	.auth_initial = probe_initial,
	.auth_continue = probe_continue,
	.auth_free = mech_generic_auth_free,
};

void mech_tlspubkey_init(void)
{
	const struct mech_module *stock = mech_module_find("EXTERNAL");

	mech_external_check_order();
	if (stock != NULL)
		mech_unregister_module(stock);
	mech_register_module(&mech_external);
	mech_register_module(&mech_tlspubkey);
}

/* mech_deinit() ran before: it took EXTERNAL, by name. */
void mech_tlspubkey_deinit(void)
{
	mech_unregister_module(&mech_tlspubkey);
}
