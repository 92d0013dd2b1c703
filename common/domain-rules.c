#include "common/domain-rules.h"

#include "common/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
static size_t slot_of(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash % DOMAIN_RULES_SLOTS;
}

static void clear_slot(struct domain_rules **slot)
{
	if (*slot == NULL)
		return;
	mem_free_string(&(*slot)->name);
	mem_free_string(&(*slot)->target);
	free(*slot);
	*slot = NULL;
}

const struct domain_rules *
domain_rules_find(const struct domain_rules_cache *cache, const char *name)
{
	const struct domain_rules *found = cache->slots[slot_of(name)];

	return found != NULL && strcmp(found->name, name) == 0 ? found : NULL;
}

const struct domain_rules *
domain_rules_put(struct domain_rules_cache *cache, const char *name,
		 const char *target, const struct address_rules *rules)
{
	struct domain_rules **slot = &cache->slots[slot_of(name)];

	clear_slot(slot);
	*slot = mem_alloc(sizeof(**slot));
	(*slot)->name = mem_strdup(name);
	(*slot)->target = mem_strdup(target);
	(*slot)->rules = *rules;
	return *slot;
}

void domain_rules_clear(struct domain_rules_cache *cache)
{
	size_t i;

	for (i = 0; i < DOMAIN_RULES_SLOTS; i++)
		clear_slot(&cache->slots[i]);
}
