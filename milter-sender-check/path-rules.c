#include "milter-sender-check/path-rules.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/network.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* One of the setting's NETWORK=ACCOUNT. */
struct path_network {
	struct network network;
	char *account;
};

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

static int parse_network(struct path_network *network_r, const char *text,
			 struct error *err_r)
{
	const char *equals = strchr(text, '=');
	char *network;
	int result;

	if (equals == NULL)
		return error_set(err_r, "it must be NETWORK=ACCOUNT");
	network = mem_strndup(text, (size_t)(equals - text));
	result = network_parse(&network_r->network, network, err_r);
	mem_free_string(&network);
	if (result < 0)
		return -1;
	return account_name_parse(&network_r->account, equals + 1, err_r);
}

static bool is_same(const struct network *a, const struct network *b)
{
	return network_contains(a, b) && network_contains(b, a);
}

static int
add_network(struct path_rules *rules, const char *text, struct error *err_r)
{
	struct path_network *added;
	size_t i;

	rules->accounts = mem_resize(rules->accounts, rules->count + 1,
				     sizeof(*rules->accounts));
	added = &rules->accounts[rules->count];
	if (parse_network(added, text, err_r) < 0)
		return -1;
	rules->count++;
	for (i = 0; i + 1 < rules->count; i++) {
		if (is_same(&rules->accounts[i].network, &added->network))
			return error_set(err_r, "the network stands there "
						"already");
	}
	return 0;
}

int path_rules_finish(struct path_rules *rules, struct error *err_r)
{
	char **entry;
	int result = parse_local(rules, err_r);

	for (entry = rules->networks;
	     result == 0 && entry != NULL && *entry != NULL; entry++) {
		result = add_network(rules, *entry, err_r);
		if (result < 0)
			error_prefix(err_r, "networks: \"%s\"", *entry);
	}
	if (result < 0)
		err_r->sysexit = EX_CONFIG;
	return result;
}

void path_rules_release(struct path_rules *rules)
{
	while (rules->count > 0)
		mem_free_string(&rules->accounts[--rules->count].account);
	free(rules->accounts);
	rules->accounts = NULL;
}

const char *
path_rules_account(const struct path_rules *rules, const struct network *host)
{
	const struct path_network *found = NULL;
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct path_network *entry = &rules->accounts[i];

		if (network_contains(&entry->network, host) &&
		    (found == NULL ||
		     entry->network.bits > found->network.bits))
			found = entry;
	}
	return found != NULL ? found->account : NULL;
}
