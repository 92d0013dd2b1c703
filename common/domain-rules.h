#ifndef COMMON_DOMAIN_RULES_H
#define COMMON_DOMAIN_RULES_H

#include "common/address.h"

/* A domain that the directory serves. */
struct domain_rules {
	char *name;		    /* as it stands in an address */
	char *target;		    /* the same, or what it is an alias of */
	struct address_rules rules; /* of the target */
};

#define DOMAIN_RULES_SLOTS 256

/* Some that were asked for of late; all of one state of the directory. */
struct domain_rules_cache {
	struct domain_rules *slots[DOMAIN_RULES_SLOTS];
};

/* NULL if it is not there; valid until the cache changes. */
const struct domain_rules *
domain_rules_find(const struct domain_rules_cache *cache, const char *name);

/* Maybe in place of another. Both names are copied; valid likewise. */
const struct domain_rules *
domain_rules_put(struct domain_rules_cache *cache, const char *name,
		 const char *target, const struct address_rules *rules);

/* When the state is another one. */
void domain_rules_clear(struct domain_rules_cache *cache);

#endif
