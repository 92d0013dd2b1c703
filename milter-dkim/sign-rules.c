#include "milter-dkim/sign-rules.h"

#include "common/address.h"
#include "common/error.h"

#include <stdlib.h>
#include <sysexits.h>

/* In place, as mail's domains are compared. */
static int
parse_domains(char **domains, const char *setting, struct error *err_r)
{
	for (; domains != NULL && *domains != NULL; domains++) {
		char *domain;

		if (address_domain_parse(&domain, *domains, err_r) < 0)
			return error_prefix(err_r, "%s", setting);
		free(*domains);
		*domains = domain;
	}
	return 0;
}

static int parse_networks(struct sign_rules *rules, struct error *err_r)
{
	static const struct network_name_kind domain = {
		.word = "DOMAIN",
		.parse = address_domain_parse,
		.several = true,
	};

	if (network_list_parse(&rules->domains, rules->networks, &domain,
			       err_r) < 0)
		return error_prefix(err_r, "sign_networks");
	return 0;
}

int sign_rules_finish(struct sign_rules *rules, struct error *err_r)
{
	if (parse_domains(rules->local, "sign_local", err_r) < 0 ||
	    parse_networks(rules, err_r) < 0 ||
	    parse_domains(rules->bounces, "sign_bounces", err_r) < 0) {
		err_r->sysexit = EX_CONFIG;
		return -1;
	}
	return 0;
}

void sign_rules_release(struct sign_rules *rules)
{
	network_list_release(&rules->domains);
}
