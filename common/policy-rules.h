#ifndef COMMON_POLICY_RULES_H
#define COMMON_POLICY_RULES_H

#include "common/conf.h"

#include <stddef.h>

struct error;

/* May a Resent-From: of its own excuse another's From:? */
enum policy_resent {
	POLICY_RESENT_CHECK,
	POLICY_RESENT_ALLOW,
};

/* A display name that holds an address which is not the account's. */
enum policy_address_in_name {
	POLICY_ADDRESS_IN_NAME_REJECT,
	POLICY_ADDRESS_IN_NAME_ACCEPT,
};

/* A login that is none of an account. */
enum policy_unknown_login {
	POLICY_UNKNOWN_LOGIN_REJECT,
	POLICY_UNKNOWN_LOGIN_EXEMPT,
};

/*
 * What a site decides about sender identity: settings of
 * milter-sender-check.conf(5), which the filter and `countersign sender check`
 * both read. The zero value holds the strict ones.
 */
struct policy_rules {
	int resent;	     /* enum policy_resent */
	int address_in_name; /* enum policy_address_in_name */
	int unknown_login;   /* enum policy_unknown_login */
	/* Accounts and %groups as policy_rules_finish() left them, or NULL. */
	char **exempt;
};

extern const char *const policy_resent_words[];
extern const char *const policy_address_in_name_words[];
extern const char *const policy_unknown_login_words[];

/* In a table of conf.h; base: the rules' offset in the struct it is of. */
#define POLICY_RULES_SETTINGS(base)                                            \
	{ .name = "resent",                                                    \
	  .type = CONF_CHOICE,                                                 \
	  .offset = (base) + offsetof(struct policy_rules, resent),            \
	  .value = "check",                                                    \
	  .choices = policy_resent_words },                                    \
		{ .name = "address_in_name",                                   \
		  .type = CONF_CHOICE,                                         \
		  .offset = (base) +                                           \
			    offsetof(struct policy_rules, address_in_name),    \
		  .value = "reject",                                           \
		  .choices = policy_address_in_name_words },                   \
		{ .name = "unknown_login",                                     \
		  .type = CONF_CHOICE,                                         \
		  .offset = (base) +                                           \
			    offsetof(struct policy_rules, unknown_login),      \
		  .value = "reject",                                           \
		  .choices = policy_unknown_login_words },                     \
	{                                                                      \
		.name = "exempt", .type = CONF_LIST,                           \
		.offset = (base) + offsetof(struct policy_rules, exempt),      \
		.value = ""                                                    \
	}

/*
 * After conf_load(): names of accounts and groups as the directory has them.
 * An error says which is none; what was loaded stays the caller's.
 */
int policy_rules_finish(struct policy_rules *rules, struct error *err_r);

/*
 * The rules alone, from a file that may have other settings too, which are
 * passed over; path NULL means the defaults.
 */
int policy_rules_load(struct policy_rules *rules_r, const char *path,
		      struct error *err_r);
void policy_rules_release(struct policy_rules *rules);

#endif
