#include "common/recent.h"

#include "common/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* FNV-1a. */
static size_t slot_of(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash % RECENT_SLOTS;
}

static void clear_slot(struct recent *recent, size_t slot)
{
	if (recent->slots[slot].name == NULL)
		return;
	mem_free_string(&recent->slots[slot].name);
	recent->release(recent->slots[slot].value);
	recent->slots[slot].value = NULL;
}

void recent_init(struct recent *recent, void (*release)(void *value))
{
	memset(recent, 0, sizeof(*recent));
	recent->release = release;
}

void *recent_find(const struct recent *recent, const char *name)
{
	size_t slot = slot_of(name);

	return recent->slots[slot].name != NULL &&
			       strcmp(recent->slots[slot].name, name) == 0
		       ? recent->slots[slot].value
		       : NULL;
}

void recent_put(struct recent *recent, const char *name, void *value)
{
	size_t slot = slot_of(name);

	clear_slot(recent, slot);
	recent->slots[slot].name = mem_strdup(name);
	recent->slots[slot].value = value;
}

void recent_clear(struct recent *recent)
{
	size_t slot;

	for (slot = 0; slot < RECENT_SLOTS; slot++)
		clear_slot(recent, slot);
}
