#include "dovecot-auth-tlspubkey/passdb-rules.h"

static bool is_of(const struct auth_passdb *passdb, const char *driver)
{
	return strcmp(passdb->passdb->iface.name, driver) == 0;
}

/* Dovecot's default lets an outage go on to the next. */
static void fix_ours(struct auth_passdb *passdb)
{
	compat_no_filters(passdb);
	passdb->skip = AUTH_PASSDB_SKIP_NEVER;
	passdb->result_success = AUTH_DB_RULE_RETURN_OK;
	passdb->result_failure = AUTH_DB_RULE_RETURN_FAIL;
	passdb->result_internalfail = AUTH_DB_RULE_RETURN_FAIL;
}

/* Its users go on to ours, which puts them off. */
static void fix_before_ours(struct auth_passdb *passdb)
{
	passdb->result_success = AUTH_DB_RULE_CONTINUE_FAIL;
	passdb->result_failure = AUTH_DB_RULE_CONTINUE_FAIL;
	passdb->result_internalfail = AUTH_DB_RULE_CONTINUE_FAIL;
}

static void fix_master(struct auth_passdb *passdb)
{
	if (passdb->result_success == AUTH_DB_RULE_RETURN ||
	    passdb->result_success == AUTH_DB_RULE_RETURN_OK)
		passdb->result_success = AUTH_DB_RULE_CONTINUE_OK;
}

struct found {
	const char *before_ours; /* driver of a passdb */
	const char *denies;
	bool without_ours;
};

static void fix_auth(struct auth *auth, const char *driver, struct found *found)
{
	struct auth_passdb *passdb, *ours = auth->passdbs;

	while (ours != NULL && !is_of(ours, driver))
		ours = ours->next;
	if (ours == NULL) {
		found->without_ours = TRUE;
		return;
	}
	for (passdb = auth->passdbs; passdb != ours; passdb = passdb->next) {
		fix_before_ours(passdb);
		found->before_ours = passdb->passdb->iface.name;
	}
	for (; passdb != NULL; passdb = passdb->next) {
		if (is_of(passdb, driver))
			fix_ours(passdb);
		if (passdb->set->deny)
			found->denies = passdb->passdb->iface.name;
	}
	for (passdb = auth->masterdbs; passdb != NULL; passdb = passdb->next) {
		if (is_of(passdb, driver))
			fix_ours(passdb);
		else
			fix_master(passdb);
	}
}

void passdb_rules_fix(const char *driver)
{
	struct found found = { .before_ours = NULL };
	struct auth *const *auth;
	unsigned int i, count;

	auth = array_get(&auths, &count);
	for (i = 0; i < count; i++)
		fix_auth(auth[i], driver, &found);
	if (found.before_ours != NULL)
		i_error("passdb %s is not the first: %s stands before it and "
			"would let users in past the gate, so nobody can log "
			"in; see dovecot-auth-tlspubkey(7)",
			driver, found.before_ours);
	if (found.denies != NULL)
		i_warning("passdb %s with deny = yes is not asked about logins "
			  "by key alone: countersign account disable is what "
			  "keeps an account out",
			  found.denies);
	if (found.without_ours)
		i_error("passdb %s is not among the passdbs of every protocol: "
			"where it is not, logins with a certificate fail, and "
			"all others are past the gate",
			driver);
}

bool passdb_rules_first(const struct auth *auth, const char *driver)
{
	return auth->passdbs != NULL && is_of(auth->passdbs, driver);
}

bool passdb_rules_master_done(const struct auth_request *request)
{
	return request->fields.master_user != NULL && request->passdb_success;
}
