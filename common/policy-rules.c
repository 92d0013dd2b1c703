#include "common/policy-rules.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sysexits.h>

const char *const policy_resent_words[] = {
	[POLICY_RESENT_CHECK] = "check",
	[POLICY_RESENT_ALLOW] = "allow",
	NULL,
};

const char *const policy_address_in_name_words[] = {
	[POLICY_ADDRESS_IN_NAME_REJECT] = "reject",
	[POLICY_ADDRESS_IN_NAME_ACCEPT] = "accept",
	NULL,
};

const char *const policy_unknown_login_words[] = {
	[POLICY_UNKNOWN_LOGIN_REJECT] = "reject",
	[POLICY_UNKNOWN_LOGIN_EXEMPT] = "exempt",
	NULL,
};

static const struct conf_setting table[] = {
	POLICY_RULES_SETTINGS(0),
	{ .name = NULL },
};

int policy_rules_finish(struct policy_rules *rules, struct error *err_r)
{
	char **entry;

	for (entry = rules->exempt; entry != NULL && *entry != NULL; entry++) {
		bool group = (*entry)[0] == '%';
		char *name;

		if (account_name_parse(&name, *entry + (group ? 1 : 0), err_r) <
		    0) {
			err_r->sysexit = EX_CONFIG;
			return error_prefix(err_r, "exempt: \"%s\"", *entry);
		}
		free(*entry);
		*entry = mem_printf("%s%s", group ? "%" : "", name);
		mem_free_string(&name);
	}
	return 0;
}

int policy_rules_load(struct policy_rules *rules_r, const char *path,
		      struct error *err_r)
{
	if (conf_load_known(rules_r, table, path, err_r) < 0)
		return -1;
	if (policy_rules_finish(rules_r, err_r) < 0) {
		policy_rules_release(rules_r);
		return path != NULL ? error_prefix(err_r, "%s", path) : -1;
	}
	return 0;
}

void policy_rules_release(struct policy_rules *rules)
{
	conf_release(rules, table);
}
