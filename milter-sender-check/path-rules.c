#include "milter-sender-check/path-rules.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>

const char *const path_redirected_words[] = {
	[PATH_REDIRECTED_EXEMPT] = "exempt",
	[PATH_REDIRECTED_CHECK] = "check",
	NULL,
};

static int parse_local(struct path_rules *rules, struct error *err_r)
{
	char *name;

	if (strcmp(rules->local, "exempt") == 0) {
		rules->local_kind = PATH_LOCAL_EXEMPT;
	} else if (strcmp(rules->local, "refuse") == 0) {
		rules->local_kind = PATH_LOCAL_REFUSE;
	} else {
		if (account_name_parse(&name, rules->local, err_r) < 0)
			return error_prefix(err_r,
					    "local: exempt, refuse or an "
					    "account, not \"%s\"",
					    rules->local);
		mem_free_string(&rules->local);
		rules->local = name;
		rules->local_kind = PATH_LOCAL_ACCOUNT;
	}
	return 0;
}

int path_rules_finish(struct path_rules *rules, struct error *err_r)
{
	static const struct network_name_kind account = {
		.word = "ACCOUNT",
		.parse = account_name_parse,
	};
	int result = parse_local(rules, err_r);

	if (result == 0) {
		result = network_list_parse(&rules->accounts, rules->networks,
					    &account, err_r);
		if (result < 0)
			error_prefix(err_r, "networks");
	}
	if (result < 0)
		err_r->sysexit = EX_CONFIG;
	return result;
}

void path_rules_release(struct path_rules *rules)
{
	network_list_release(&rules->accounts);
}
