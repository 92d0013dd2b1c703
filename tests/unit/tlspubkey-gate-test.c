#include "tests/unit/test.h"

#include "common/directory-backend.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"
#include "dovecot-auth-tlspubkey/tlspubkey-gate.h"

#include <string.h>

/*
 * A directory in a table. anna and off (disabled) have the keys 1 and 2 (with
 * no_preauth); key 3 is past its end date; key 4 is anna's, with
 * no_bare_submission; an "!" in a login is an outage, as is key 9.
 */
static enum directory_result
table_key(struct directory *dir, const struct fingerprint *fingerprint,
	  time_t now, struct directory_key *key_r, struct error *err_r)
{
	(void)dir;
	(void)now;
	switch (fingerprint->sha256[0]) {
	case 1:
		key_r->account = mem_strdup("anna");
		key_r->account_enabled = true;
		key_r->name = mem_strdup("laptop");
		return DIRECTORY_YES;
	case 2:
		key_r->no_preauth = true;
		key_r->account = mem_strdup("off");
		key_r->name = mem_strdup("phone");
		return DIRECTORY_YES;
	case 3:
		error_set(err_r, "key is past its end date");
		return DIRECTORY_NO;
	case 4:
		key_r->no_bare_submission = true;
		key_r->account = mem_strdup("anna");
		key_r->account_enabled = true;
		key_r->name = mem_strdup("tablet");
		return DIRECTORY_YES;
	case 9:
		error_set(err_r, "disk on fire");
		return DIRECTORY_FAILED;
	default:
		error_set(err_r, "no account has this key");
		return DIRECTORY_NO;
	}
}

static enum directory_result
table_login(struct directory *dir, const char *login,
	    struct directory_account *account_r, struct error *err_r)
{
	static const struct {
		const char *login, *account;
		bool enabled;
	} logins[] = {
		{ "anna", "anna", true },
		{ "anna@example.org", "anna", true },
		{ "bert", "bert", true },
		{ "off", "off", false },
		{ "off@example.org", "off", false },
	};
	size_t i;

	(void)dir;
	if (strchr(login, '!') != NULL) {
		error_set(err_r, "disk on fire");
		return DIRECTORY_FAILED;
	}
	for (i = 0; i < ARRAY_SIZE(logins); i++) {
		if (strcmp(login, logins[i].login) != 0)
			continue;
		account_r->name = mem_strdup(logins[i].account);
		account_r->enabled = logins[i].enabled;
		return DIRECTORY_YES;
	}
	return DIRECTORY_NO;
}

static const struct directory_backend table = {
	.scheme = "table",
	.key = table_key,
	.login = table_login,
};

enum how {
	EXTERNAL,
	EXTERNAL_ANY_AUTHZID,
	BARE,
	PASSWORD,
	PASSWORD_GATE_KEY
};

#define ACCEPT TLSPUBKEY_GATE_ACCEPT
#define CONTINUE TLSPUBKEY_GATE_CONTINUE
#define REFUSE TLSPUBKEY_GATE_REFUSE
#define DISABLED TLSPUBKEY_GATE_DISABLED
#define FAILED TLSPUBKEY_GATE_FAILED

static const struct {
	const char *name;
	enum how how;
	int key; /* 0: none */
	const char *login;
	enum tlspubkey_gate_result result;
	const char *account; /* of the answer, or in the reason */
} cases[] = {
	{ "EXTERNAL, the key alone", EXTERNAL, 1, "", ACCEPT, "anna" },
	{ "EXTERNAL as its account", EXTERNAL, 1, "anna", ACCEPT, "anna" },
	{ "EXTERNAL as an address of it", EXTERNAL, 1, "anna@example.org",
	  ACCEPT, "anna" },
	{ "EXTERNAL as a colleague", EXTERNAL, 1, "bert", REFUSE, "\"bert\"" },
	{ "EXTERNAL as nobody", EXTERNAL, 1, "eve", REFUSE, "\"eve\"" },
	{ "EXTERNAL without a key", EXTERNAL, 0, "anna", REFUSE,
	  "no certificate" },
	{ "EXTERNAL with nothing", EXTERNAL, 0, "", REFUSE, "no certificate" },
	{ "EXTERNAL, unknown key", EXTERNAL, 7, "", REFUSE, "sha256:07" },
	{ "EXTERNAL, unknown key and a login", EXTERNAL, 7, "anna", REFUSE,
	  "no account has this key" },
	{ "EXTERNAL, a key past its date", EXTERNAL, 3, "", REFUSE,
	  "end date" },
	{ "EXTERNAL, a disabled account", EXTERNAL, 2, "", DISABLED,
	  "\"off\" is disabled" },
	{ "EXTERNAL as a disabled account", EXTERNAL, 2, "off", DISABLED,
	  "\"off\" is disabled" },
	{ "EXTERNAL, no directory", EXTERNAL, 9, "", FAILED, "on fire" },
	{ "EXTERNAL, then no directory", EXTERNAL, 1, "!", FAILED, "on fire" },

	{ "any authzid: as a colleague", EXTERNAL_ANY_AUTHZID, 1, "bert",
	  ACCEPT, "anna" },
	{ "any authzid: as nobody", EXTERNAL_ANY_AUTHZID, 1, "eve", ACCEPT,
	  "anna" },
	{ "any authzid: none", EXTERNAL_ANY_AUTHZID, 1, "", ACCEPT, "anna" },
	{ "any authzid: unknown key", EXTERNAL_ANY_AUTHZID, 7, "anna", REFUSE,
	  "no account has this key" },
	{ "any authzid: no key", EXTERNAL_ANY_AUTHZID, 0, "anna", REFUSE,
	  "no certificate" },
	{ "any authzid: a disabled account", EXTERNAL_ANY_AUTHZID, 2, "anna",
	  DISABLED, "\"off\" is disabled" },
	{ "any authzid: no directory", EXTERNAL_ANY_AUTHZID, 9, "anna", FAILED,
	  "on fire" },

	{ "no AUTH: a key", BARE, 1, "", ACCEPT, "anna" },
	{ "no AUTH: a key that demands it", BARE, 4, "", REFUSE, "\"tablet\"" },
	{ "AUTH, as the key demands", EXTERNAL, 4, "", ACCEPT, "anna" },
	{ "a password and a key that demands AUTH", PASSWORD, 4, "anna",
	  CONTINUE, "anna" },
	{ "no AUTH: an unknown key", BARE, 7, "", REFUSE,
	  "no account has this key" },
	{ "no AUTH: a disabled account", BARE, 2, "", DISABLED, "\"off\"" },

	{ "password", PASSWORD, 0, "anna", CONTINUE, "anna" },
	{ "password, by address", PASSWORD, 0, "anna@example.org", CONTINUE,
	  "anna" },
	{ "password of a login that others know", PASSWORD, 0, "root", CONTINUE,
	  NULL },
	{ "password, disabled", PASSWORD, 0, "off", DISABLED, "\"off\"" },
	{ "password, disabled, by address", PASSWORD, 0, "off@example.org",
	  DISABLED, "\"off\"" },
	{ "password, no directory", PASSWORD, 0, "!", FAILED, "on fire" },
	{ "password and unknown key", PASSWORD, 7, "anna", CONTINUE, "anna" },
	{ "password and a key past its date", PASSWORD, 3, "anna", CONTINUE,
	  "anna" },
	{ "password, disabled, and unknown key", PASSWORD, 7, "off", DISABLED,
	  "\"off\"" },
	{ "password and own key", PASSWORD, 1, "anna", CONTINUE, "anna" },
	{ "password and own key, by address", PASSWORD, 1, "anna@example.org",
	  CONTINUE, "anna" },
	{ "password and a colleague's key", PASSWORD, 1, "bert", REFUSE,
	  "\"anna\"" },
	{ "password of others' login and a key", PASSWORD, 1, "root", REFUSE,
	  "\"anna\"" },
	{ "password and own key, disabled", PASSWORD, 2, "off", DISABLED,
	  "\"off\"" },
	{ "password and a disabled account's key", PASSWORD, 2, "anna", REFUSE,
	  "\"off\"" },
	{ "password and a key, no directory", PASSWORD, 9, "anna", FAILED,
	  "on fire" },

	{ "gate=key: unknown key", PASSWORD_GATE_KEY, 7, "off", CONTINUE,
	  NULL },
	{ "gate=key: no key", PASSWORD_GATE_KEY, 0, "!", CONTINUE, NULL },
	{ "gate=key: a colleague's key", PASSWORD_GATE_KEY, 1, "bert", REFUSE,
	  "\"anna\"" },
	{ "gate=key: own key, disabled", PASSWORD_GATE_KEY, 2, "off", DISABLED,
	  "\"off\"" },
	{ "gate=key: no directory", PASSWORD_GATE_KEY, 9, "anna", FAILED,
	  "on fire" },
};

static void the_gate_decides(void **state)
{
	struct directory dir = { .backend = &table };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fingerprint key = {
			.sha256 = { (unsigned char)cases[i].key }
		};
		struct tlspubkey_gate_query query = {
			.key = cases[i].key != 0 ? &key : NULL,
			.login = cases[i].login,
			.external = cases[i].how <= BARE,
			.bare_submission = cases[i].how == BARE,
			.any_authzid = cases[i].how == EXTERNAL_ANY_AUTHZID,
			.ask_always = cases[i].how == PASSWORD,
		};
		struct tlspubkey_gate_answer answer;
		struct error err = { .text = "" };
		enum tlspubkey_gate_result result =
			tlspubkey_gate(&dir, &query, &answer, &err);
		bool passed = result == ACCEPT || result == CONTINUE;

		if (result != cases[i].result)
			fail_msg("%s: %d: %s", cases[i].name, result, err.text);
		if (passed && cases[i].account == NULL)
			assert_null(answer.account);
		else if (passed)
			assert_string_equal(answer.account, cases[i].account);
		else if (strstr(err.text, cases[i].account) == NULL)
			fail_msg("%s: %s", cases[i].name, err.text);
		if (passed && cases[i].key == 1)
			assert_string_equal(answer.key_name, "laptop");
		assert_int_equal(answer.no_preauth, cases[i].key == 2);
		tlspubkey_gate_answer_release(&answer);
	}
}

static void a_reason_is_short_and_nothing_a_client_wrote(void **state)
{
	static const struct {
		const char *name;
		int key;
		const char *login;
		const char *reason;
	} reasons[] = {
		{ "taken", 1, "anna", NULL },
		{ "unknown key", 7, "anna", "no account has this key" },
		{ "key past its date", 3, "anna", "key is past its end date" },
		{ "a colleague", 1, "bert", "the login is of another account" },
		{ "nobody", 1, "eve", "the login is not in the directory" },
		{ "disabled", 2, "off", "the account is disabled" },
		{ "unknown key, disabled", 7, "off",
		  "the account is disabled" },
		{ "no directory", 9, "anna", "the directory failed" },
		{ "then no directory", 1, "!", "the directory failed" },
	};
	struct directory dir = { .backend = &table };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct fingerprint key = {
			.sha256 = { (unsigned char)reasons[i].key }
		};
		const struct tlspubkey_gate_query query = {
			.key = &key,
			.login = reasons[i].login,
			.ask_always = true,
		};
		struct tlspubkey_gate_answer answer;
		struct error err;

		(void)tlspubkey_gate(&dir, &query, &answer, &err);
		if (reasons[i].reason == NULL ? answer.reason != NULL
					      : answer.reason == NULL)
			fail_msg("%s", reasons[i].name);
		if (answer.reason != NULL)
			assert_string_equal(answer.reason, reasons[i].reason);
		tlspubkey_gate_answer_release(&answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gate_decides),
		cmocka_unit_test(a_reason_is_short_and_nothing_a_client_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
