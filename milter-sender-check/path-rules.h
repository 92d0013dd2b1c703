#ifndef MILTER_SENDER_CHECK_PATH_RULES_H
#define MILTER_SENDER_CHECK_PATH_RULES_H

#include "common/conf.h"
#include "common/network-list.h"

#include <stddef.h>

struct error;

enum path_local {
	PATH_LOCAL_EXEMPT,
	PATH_LOCAL_REFUSE,
	PATH_LOCAL_ACCOUNT, /* checked as path_rules.local */
};

enum path_redirected {
	PATH_REDIRECTED_EXEMPT,
	PATH_REDIRECTED_CHECK,
};

/* What a site decides: settings of milter-sender-check.conf(5). */
struct path_rules {
	char *local;	 /* a word, or an account as the directory names it */
	int local_kind;	 /* enum path_local, which path_rules_finish() sets */
	char **networks; /* as they were written */
	int redirected;	 /* enum path_redirected */
	struct network_list accounts; /* of networks */
};

extern const char *const path_redirected_words[];

/* In a table of conf.h; base: the rules' offset in the struct it is of. */
#define PATH_RULES_SETTINGS(base)                                              \
	{ .name = "local",                                                     \
	  .type = CONF_STRING,                                                 \
	  .offset = (base) + offsetof(struct path_rules, local),               \
	  .value = "exempt" },                                                 \
		{ .name = "networks",                                          \
		  .type = CONF_LIST,                                           \
		  .offset = (base) + offsetof(struct path_rules, networks),    \
		  .value = "" },                                               \
	{                                                                      \
		.name = "redirected", .type = CONF_CHOICE,                     \
		.offset = (base) + offsetof(struct path_rules, redirected),    \
		.value = "exempt", .choices = path_redirected_words            \
	}

/* After conf_load(), whose own conf_release() frees the rest. */
int path_rules_finish(struct path_rules *rules, struct error *err_r);
void path_rules_release(struct path_rules *rules);

#endif
