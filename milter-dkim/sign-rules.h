#ifndef MILTER_DKIM_SIGN_RULES_H
#define MILTER_DKIM_SIGN_RULES_H

#include "common/conf.h"
#include "common/network-list.h"

#include <stddef.h>

struct error;

/*
 * Which mail without a login a site has signed: settings of
 * milter-dkim.conf(5). Domains are A-labels once sign_rules_finish() is done.
 */
struct sign_rules {
	char **local;		     /* From domains */
	char **networks;	     /* as they were written */
	char **bounces;		     /* From domains */
	struct network_list domains; /* of networks */
};

/* In a table of conf.h; base: the rules' offset in the struct it is of. */
#define SIGN_RULES_SETTINGS(base)                                              \
	{ .name = "sign_local",                                                \
	  .type = CONF_LIST,                                                   \
	  .offset = (base) + offsetof(struct sign_rules, local),               \
	  .value = "" },                                                       \
		{ .name = "sign_networks",                                     \
		  .type = CONF_LIST,                                           \
		  .offset = (base) + offsetof(struct sign_rules, networks),    \
		  .value = "" },                                               \
	{                                                                      \
		.name = "sign_bounces", .type = CONF_LIST,                     \
		.offset = (base) + offsetof(struct sign_rules, bounces),       \
		.value = ""                                                    \
	}

/* After conf_load(), whose own conf_release() frees the rest. */
int sign_rules_finish(struct sign_rules *rules, struct error *err_r);
void sign_rules_release(struct sign_rules *rules);

#endif
