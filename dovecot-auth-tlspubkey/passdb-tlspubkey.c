#include "dovecot-auth-tlspubkey/passdb-tlspubkey.h"

#include "str.h"
#include "strescape.h"

#include "common/directory.h"
#include "common/error.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/passdb-gate.h"
#include "dovecot-auth-tlspubkey/passdb-key.h"
#include "dovecot-auth-tlspubkey/passdb-rules.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

#define DRIVER "tlspubkey"

struct tlspubkey_passdb {
	struct passdb_module module;
	struct tlspubkey_settings set;
	struct directory *dir;
	struct passdb_spool *spool; /* a worker's */
};

void authdb_tlspubkey_init(void);
void authdb_tlspubkey_deinit(void);

extern const char *authdb_tlspubkey_version;
const char *authdb_tlspubkey_version = DOVECOT_ABI_VERSION;

static struct tlspubkey_passdb *passdb_of(const struct auth_request *request)
{
	return container_of(request->passdb->passdb, struct tlspubkey_passdb,
			    module);
}

/* In auth: believe or refuse the field, then send the question to a worker. */

static void finish(struct auth_request *request, enum passdb_result result)
{
	if (result == PASSDB_RESULT_NEXT && passdb_rules_master_done(request))
		result = PASSDB_RESULT_OK;
	compat_finish(request, result);
}

static bool on_worker_reply(struct auth_worker_connection *conn ATTR_UNUSED,
			    compat_worker_reply reply, void *context)
{
	struct auth_request *request = context;
	enum passdb_result result =
		passdb_blocking_auth_worker_reply_parse(request, reply);

	if (result == PASSDB_RESULT_OK || result == PASSDB_RESULT_NEXT)
		compat_cache_by_user(request);
	finish(request, result);
	auth_request_unref(&request);
	return TRUE;
}

/*
 * Credentials are not ours to give: whatever is looked up, the worker is asked
 * the same question, and never given the password.
 */
static void ask_worker(struct auth_request *request)
{
	string_t *question = t_str_new(256);

	str_printfa(question, "PASSV\t%u\t\t", request->passdb->passdb->id);
	auth_request_export(request, question);
	auth_request_ref(request);
	auth_worker_call(request->pool, request->fields.user, str_c(question),
			 on_worker_reply, request);
}

static bool is_asked_about(struct auth_request *request, enum passdb_key key)
{
	/* Nobody logs in: doveadm or LMTP looks a user up. */
	if (request->fields.mech_name == NULL)
		return FALSE;
	return key == PASSDB_KEY_GOOD || passdb_gate_by_key(request) ||
	       passdb_of(request)->set.gate_all;
}

static void begin(struct auth_request *request)
{
	enum passdb_key key = passdb_key_take(request);

	if (!passdb_rules_first(auth_request_get_auth(request), DRIVER)) {
		e_error(authdb_event(request),
			"put off: passdb " DRIVER " is not the first");
		finish(request, PASSDB_RESULT_INTERNAL_FAILURE);
	} else if (key == PASSDB_KEY_UNSURE) {
		finish(request, PASSDB_RESULT_INTERNAL_FAILURE);
	} else if (key == PASSDB_KEY_REFUSED) {
		finish(request, PASSDB_RESULT_PASSWORD_MISMATCH);
	} else if (is_asked_about(request, key)) {
		ask_worker(request);
	} else {
		/* What the site has for all: who goes on to a backend, say. */
		finish(request, compat_set_site_fields(request)
					? PASSDB_RESULT_NEXT
					: PASSDB_RESULT_INTERNAL_FAILURE);
	}
}

/* In a worker. What callback does ends with the answer written to auth. */
static void
answer(struct auth_request *request, verify_plain_callback_t *callback)
{
	struct tlspubkey_passdb *passdb = passdb_of(request);
	struct passdb_attempt *attempt;
	enum passdb_result result =
		passdb_gate_ask(request, &passdb->set, passdb->dir, &attempt);

	callback(result, request);
	passdb_attempt_note(&attempt, passdb->spool);
}

static void tlspubkey_verify_plain(struct auth_request *request,
				   const char *password ATTR_UNUSED,
				   verify_plain_callback_t *callback)
{
	if (worker)
		answer(request, callback);
	else
		begin(request);
}

static void answer_credentials(struct auth_request *request,
			       lookup_credentials_callback_t *callback)
{
	struct tlspubkey_passdb *passdb = passdb_of(request);
	struct passdb_attempt *attempt;
	enum passdb_result result =
		passdb_gate_ask(request, &passdb->set, passdb->dir, &attempt);

	compat_answer_credentials(callback, result, request);
	passdb_attempt_note(&attempt, passdb->spool);
}

static void
tlspubkey_lookup_credentials(struct auth_request *request,
			     lookup_credentials_callback_t *callback)
{
	if (worker)
		answer_credentials(request, callback);
	else
		begin(request);
}

struct passdb_module *passdb_tlspubkey_new(pool_t pool,
					   struct tlspubkey_settings *set,
					   struct error *err_r)
{
	struct tlspubkey_passdb *passdb =
		p_new(pool, struct tlspubkey_passdb, 1);

	passdb->set = *set;
	if (directory_open(&passdb->dir, set->directory, err_r) < 0) {
		tlspubkey_settings_release(&passdb->set);
		return NULL;
	}
	if (worker)
		passdb->spool = passdb_spool_open(set->directory);
	return &passdb->module;
}

static void tlspubkey_init(struct passdb_module *module)
{
	static bool fixed;

	/* Only auth itself can check the field; it asks a worker when it has.
	 */
	module->blocking = FALSE;
	if (worker || fixed)
		return;
	passdb_rules_fix(DRIVER);
	fixed = TRUE;
}

static void tlspubkey_deinit(struct passdb_module *module)
{
	struct tlspubkey_passdb *passdb =
		container_of(module, struct tlspubkey_passdb, module);

	passdb_spool_close(&passdb->spool);
	directory_close(&passdb->dir);
	tlspubkey_settings_release(&passdb->set);
}

static struct passdb_module_interface passdb_tlspubkey = {
	.name = DRIVER,
	.preinit = passdb_tlspubkey_preinit,
	.init = tlspubkey_init,
	.deinit = tlspubkey_deinit,
	.verify_plain = tlspubkey_verify_plain,
	.lookup_credentials = tlspubkey_lookup_credentials,
};

/* Still root here. */
void authdb_tlspubkey_init(void)
{
	passdb_register_module(&passdb_tlspubkey);
	if (!worker)
		passdb_key_init();
}

void authdb_tlspubkey_deinit(void)
{
	passdb_unregister_module(&passdb_tlspubkey);
	passdb_key_deinit();
}
