#include "tests/unit/test.h"

#include "common/error.h"
#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

#include <string.h>

static const struct {
	const char *name, *args, *directory;
	bool gate_all, any_authzid;
} good[] = {
	{ "nothing", "", "sqlite:/var/lib/countersign", true, false },
	{ "spaces", "   ", "sqlite:/var/lib/countersign", true, false },
	{ "a directory", "directory=sqlite:/x", "sqlite:/x", true, false },
	{ "a gate", "gate=key", "sqlite:/var/lib/countersign", false, false },
	{ "both", "directory=sqlite:/x gate=key", "sqlite:/x", false, false },
	{ "both the other way", " gate=all  directory=a=b ", "a=b", true,
	  false },
	{ "any authzid", "authzid=ignore", "sqlite:/var/lib/countersign", true,
	  true },
	{ "the usual of all", "gate=all authzid=match",
	  "sqlite:/var/lib/countersign", true, false },
};

static const struct {
	const char *name, *args, *reason;
} bad[] = {
	{ "an unknown name", "secret=/x", "unknown setting \"secret=/x\"" },
	{ "a word", "all", "unknown setting \"all\"" },
	{ "a name alone", "gate", "unknown setting \"gate\"" },
	{ "a bad gate", "gate=none", "gate=none" },
	{ "an empty gate", "gate=", "gate=:" },
	{ "a bad authzid", "authzid=any", "authzid=any: must be ignore" },
	{ "an authzid twice", "authzid=match authzid=ignore",
	  "\"authzid\" stands twice" },
	{ "a gate twice", "gate=all gate=key", "\"gate\" stands twice" },
	{ "a directory twice", "directory=a directory=b", "stands twice" },
	{ "a good one, then a bad one", "directory=a x=b", "\"x=b\"" },
};

static void settings_are_read(void **state)
{
	struct tlspubkey_settings set;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		if (tlspubkey_settings_parse(&set, good[i].args, &err) < 0 ||
		    strcmp(set.directory, good[i].directory) != 0 ||
		    set.gate_all != good[i].gate_all ||
		    set.any_authzid != good[i].any_authzid)
			fail_msg("%s", good[i].name);
		tlspubkey_settings_release(&set);
		assert_null(set.directory);
	}
}

static void bad_settings_are_named(void **state)
{
	struct tlspubkey_settings set;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (tlspubkey_settings_parse(&set, bad[i].args, &err) == 0 ||
		    strstr(err.text, bad[i].reason) == NULL)
			fail_msg("%s: %s", bad[i].name, err.text);
		assert_null(set.directory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(bad_settings_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
