#include "admin/dkim-life.h"

#include "admin/duration.h"

#include <stddef.h>

/* Within it every host signs with what the table says: countersign(8). */
#define FOLLOW_MAX DURATION_DAY

#define TTL_UNSEEN DURATION_DAY
#define TTL_MAX DURATION_WEEK

const char *dkim_step_name(enum dkim_step step)
{
	static const char *const names[] = {
		[DKIM_STEP_ACTIVATE] = "activate",
		[DKIM_STEP_REPLACE] = "replace",
		[DKIM_STEP_REMOVE] = "remove",
	};

	return names[step];
}

static time_t end_of_record(const struct dkim_table_entry *entry, time_t queue)
{
	time_t ttl = entry->ttl > 0 ? entry->ttl : TTL_UNSEEN;

	return entry->since + FOLLOW_MAX + queue +
	       (ttl < TTL_MAX ? ttl : TTL_MAX);
}

enum dkim_step dkim_life_next(time_t *due_r,
			      const struct dkim_table_entry *entry,
			      const struct dkim_terms *terms)
{
	*due_r = 0;
	switch (entry->state) {
	case DKIM_PENDING:
		break;
	case DKIM_ACTIVE:
		*due_r = entry->since + terms->every;
		return DKIM_STEP_REPLACE;
	case DKIM_RETIRED:
		*due_r = end_of_record(entry, terms->queue);
		return DKIM_STEP_REMOVE;
	}
	return DKIM_STEP_ACTIVATE;
}

bool dkim_life_is_over(const struct dkim_table_entry *entry,
		       const struct dkim_terms *terms, time_t now)
{
	return entry->state == DKIM_RETIRED &&
	       end_of_record(entry, terms->queue) <= now;
}

void dkim_life_begin(struct dkim_table_entry *entry, enum dkim_state state,
		     time_t now)
{
	if (entry->state != state)
		entry->since = now;
	entry->state = state;
}

void dkim_life_see_ttl(struct dkim_table_entry *entry, uint32_t ttl)
{
	if (ttl > entry->ttl)
		entry->ttl = ttl;
}

void dkim_life_choose(struct dkim_table_entry **active_r,
		      struct dkim_table_entry **pending_r,
		      const struct dkim_table *table, const size_t *numbers,
		      size_t count, enum dkim_algorithm algorithm)
{
	struct dkim_table_entry *active = NULL, *pending = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		struct dkim_table_entry *entry = &table->entries[numbers[i]];

		if (entry->algorithm != algorithm)
			continue;
		if (entry->state == DKIM_ACTIVE)
			active = entry;
		else if (entry->state == DKIM_PENDING &&
			 (pending == NULL || entry->since >= pending->since))
			pending = entry;
	}
	if (active != NULL && pending != NULL && pending->since < active->since)
		pending = NULL;
	*active_r = active;
	*pending_r = pending;
}
