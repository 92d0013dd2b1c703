#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "mech.h"

#include "dovecot-auth-tlspubkey/mech-external.h"

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

/*
 * The name that makes Dovecot load this module. Nobody is offered it, and it
 * lets nobody in.
 */
static void never_continue(struct auth_request *request,
			   const unsigned char *data ATTR_UNUSED,
			   size_t size ATTR_UNUSED)
{
	auth_request_fail(request);
}

static const struct mech_module mech_tlspubkey = {
	.mech_name = "TLSPUBKEY",
	.flags = MECH_SEC_PRIVATE,
	.passdb_need = MECH_PASSDB_NEED_NOTHING,
	.auth_new = request_new,
	.auth_initial = never_continue,
	.auth_continue = never_continue,
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
