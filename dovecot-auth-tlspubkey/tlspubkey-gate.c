#include "dovecot-auth-tlspubkey/tlspubkey-gate.h"

#include "common/directory.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"

#include <string.h>

/* What the directory says of the key that was presented. */
struct owner {
	struct directory_key key; /* if known */
	bool known;
	char fingerprint[FINGERPRINT_TEXT_SIZE];
};

static void
give_reason(struct tlspubkey_gate_answer *answer, const char *reason)
{
	mem_free_string(&answer->reason);
	answer->reason = mem_strdup(reason);
}

static enum tlspubkey_gate_result failed(struct tlspubkey_gate_answer *answer,
					 struct error *err, const char *what)
{
	give_reason(answer, "the directory failed");
	error_prefix(err, "%s", what);
	return TLSPUBKEY_GATE_FAILED;
}

static enum tlspubkey_gate_result disabled(struct tlspubkey_gate_answer *answer,
					   struct error *err,
					   const char *account)
{
	give_reason(answer, "the account is disabled");
	error_set(err, "account \"%s\" is disabled", account);
	return TLSPUBKEY_GATE_DISABLED;
}

/* The login must be a name or an address of the key's account. */
static enum tlspubkey_gate_result
check_same_account(struct directory *dir,
		   const struct tlspubkey_gate_query *query,
		   const struct owner *owner,
		   struct tlspubkey_gate_answer *answer, struct error *err)
{
	enum tlspubkey_gate_result result = TLSPUBKEY_GATE_REFUSE;
	struct directory_account account;

	switch (directory_login(dir, query->login, &account, err)) {
	case DIRECTORY_FAILED:
		return failed(answer, err, "cannot look up the login");
	case DIRECTORY_NO:
		give_reason(answer, "the login is not in the directory");
		error_set(err,
			  "key \"%s\" (%s) is of account \"%s\", and "
			  "\"%s\" is not in the directory",
			  owner->key.name, owner->fingerprint,
			  owner->key.account, query->login);
		return TLSPUBKEY_GATE_REFUSE;
	case DIRECTORY_YES:
		break;
	}
	if (strcmp(account.name, owner->key.account) == 0) {
		result = TLSPUBKEY_GATE_CONTINUE;
	} else {
		give_reason(answer, "the login is of another account");
		error_set(err,
			  "key \"%s\" (%s) is of account \"%s\", and "
			  "\"%s\" is of account \"%s\"",
			  owner->key.name, owner->fingerprint,
			  owner->key.account, query->login, account.name);
	}
	directory_account_release(&account);
	return result;
}

/* EXTERNAL can leave that to the key. */
static bool names_an_account(const struct tlspubkey_gate_query *query)
{
	return !query->external ||
	       (query->login[0] != '\0' && !query->any_authzid);
}

static enum tlspubkey_gate_result
check_owner(struct directory *dir, const struct tlspubkey_gate_query *query,
	    const struct owner *owner, struct tlspubkey_gate_answer *answer,
	    struct error *err)
{
	enum tlspubkey_gate_result result = TLSPUBKEY_GATE_CONTINUE;

	if (names_an_account(query))
		result = check_same_account(dir, query, owner, answer, err);
	if (result != TLSPUBKEY_GATE_CONTINUE)
		return result;
	if (!owner->key.account_enabled)
		return disabled(answer, err, owner->key.account);
	if (query->bare_submission && owner->key.no_bare_submission) {
		give_reason(answer, "the key is to submit with AUTH only");
		error_set(err, "key \"%s\" (%s) is to submit with AUTH only",
			  owner->key.name, owner->fingerprint);
		return TLSPUBKEY_GATE_REFUSE;
	}
	return query->external ? TLSPUBKEY_GATE_ACCEPT
			       : TLSPUBKEY_GATE_CONTINUE;
}

static enum tlspubkey_gate_result
check_login(struct directory *dir, const struct tlspubkey_gate_query *query,
	    struct tlspubkey_gate_answer *answer, struct error *err)
{
	enum tlspubkey_gate_result result = TLSPUBKEY_GATE_CONTINUE;
	struct directory_account account;

	switch (directory_login(dir, query->login, &account, err)) {
	case DIRECTORY_FAILED:
		return failed(answer, err, "cannot look up the login");
	case DIRECTORY_NO:
		/* Another passdb's user, or nobody's: that passdb says. */
		return TLSPUBKEY_GATE_CONTINUE;
	case DIRECTORY_YES:
		break;
	}
	if (!account.enabled)
		result = disabled(answer, err, account.name);
	else
		answer->account = mem_strdup(account.name);
	directory_account_release(&account);
	return result;
}

enum tlspubkey_gate_result
tlspubkey_gate(struct directory *dir, const struct tlspubkey_gate_query *query,
	       struct tlspubkey_gate_answer *answer_r, struct error *err_r)
{
	enum tlspubkey_gate_result result;
	struct owner owner = { .known = false };

	*answer_r = (struct tlspubkey_gate_answer){ .account = NULL };
	if (query->key != NULL) {
		fingerprint_format(owner.fingerprint, query->key);
		switch (directory_key(dir, query->key, query->now, &owner.key,
				      err_r)) {
		case DIRECTORY_FAILED:
			return failed(answer_r, err_r,
				      "cannot look up the key");
		case DIRECTORY_NO:
			give_reason(answer_r, err_r->text);
			break;
		case DIRECTORY_YES:
			owner.known = true;
			break;
		}
	}

	if (owner.known) {
		result = check_owner(dir, query, &owner, answer_r, err_r);
		answer_r->account = mem_strdup(owner.key.account);
		answer_r->key_name = mem_strdup(owner.key.name);
		answer_r->no_preauth = owner.key.no_preauth;
		directory_key_release(&owner.key);
		return result;
	}
	if (query->external && query->key == NULL) {
		error_set(err_r, "the client presented no certificate");
		return TLSPUBKEY_GATE_REFUSE;
	}
	if (query->external) {
		error_prefix(err_r, "key %s", owner.fingerprint);
		return TLSPUBKEY_GATE_REFUSE;
	}
	if (!query->ask_always)
		return TLSPUBKEY_GATE_CONTINUE;
	return check_login(dir, query, answer_r, err_r);
}

void tlspubkey_gate_answer_release(struct tlspubkey_gate_answer *answer)
{
	mem_free_string(&answer->account);
	mem_free_string(&answer->key_name);
	mem_free_string(&answer->reason);
}
