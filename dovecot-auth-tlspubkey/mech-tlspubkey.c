#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "mech.h"
#include "str.h"
#include "strfuncs.h"

#include "dovecot-auth-tlspubkey/tlspubkey-fields.h"

#define AUTHZID_MAX 1024 /* octets */

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

/*
 * Any passdb may say OK to an empty password. It counts only with the mark of
 * ours, which has seen a key.
 */
static void on_verified(enum passdb_result result, struct auth_request *request)
{
	if (result == PASSDB_RESULT_INTERNAL_FAILURE) {
		auth_request_internal_failure(request);
		return;
	}
	if (result == PASSDB_RESULT_OK &&
	    auth_fields_exists(request->fields.extra_fields,
			       TLSPUBKEY_FIELD_CHECKED)) {
		auth_request_success(request, "", 0);
		return;
	}
	if (result == PASSDB_RESULT_OK)
		e_error(request->mech_event,
			"EXTERNAL was answered by another passdb than "
			"tlspubkey, which must be the first: refused");
	auth_request_fail(request);
}

/*
 * RFC 4422 A.1: the only message is the authzid, who the client wants to be.
 * No master user and none of the user name settings: the passdb compares it
 * with what the directory has.
 */
static void external_continue(struct auth_request *request,
			      const unsigned char *data, size_t size)
{
	struct auth_fields *fields = request->fields.extra_fields;

	if (size > AUTHZID_MAX) {
		e_info(request->mech_event, "authzid is longer than %d octets",
		       AUTHZID_MAX);
		auth_request_fail(request);
		return;
	}
	auth_request_set_username_forced(request,
					 size == 0 ? TLSPUBKEY_USER_OF_KEY
						   : t_strndup(data, size));
	/* Nobody but the passdb sets it, and a roll-back must not restore it.
	 */
	auth_fields_remove(fields, TLSPUBKEY_FIELD_CHECKED);
	auth_fields_snapshot(fields);
	auth_request_verify_plain(request, "", on_verified);
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

/* What stands before us in auth_mechanisms is taken already. */
static bool stock_external_taken(void)
{
	const char *const *name = compat_auth_mechanisms(global_auth_settings);

	for (; *name != NULL && strcasecmp(*name, "tlspubkey") != 0; name++) {
		if (strcasecmp(*name, "external") == 0)
			return TRUE;
	}
	return FALSE;
}

void mech_tlspubkey_init(void)
{
	const struct mech_module *stock = mech_module_find("EXTERNAL");

	if (stock_external_taken())
		i_error("auth_mechanisms: tlspubkey must stand before "
			"external, or no key can log in");
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
