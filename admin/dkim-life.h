#ifndef ADMIN_DKIM_LIFE_H
#define ADMIN_DKIM_LIFE_H

#include "common/dkim-table.h"

/* What a key's life goes by; all in seconds. */
struct dkim_terms {
	time_t every;  /* the age at which an active key is replaced */
	time_t within; /* a record is published in that time */
	time_t queue;  /* mail waits that long at most */
};

enum dkim_step {
	DKIM_STEP_ACTIVATE,
	DKIM_STEP_REPLACE,
	DKIM_STEP_REMOVE,
};

const char *dkim_step_name(enum dkim_step step);

/*
 * What comes next in the key's life, and when: due_r is 0 where that is not
 * for a clock to say, since a record is to be published first.
 *
 * A retired key may go on signing for a day, until every host that follows the
 * table has it and every daemon has read it. Its record is needed from then on
 * as long as mail that it signed may wait anywhere, and for a TTL more; a TTL
 * not seen is taken for a day, and one beyond what caches keep for a week.
 */
enum dkim_step dkim_life_next(time_t *due_r,
			      const struct dkim_table_entry *entry,
			      const struct dkim_terms *terms);

/* Is it a retired key whose record may go? */
bool dkim_life_is_over(const struct dkim_table_entry *entry,
		       const struct dkim_terms *terms, time_t now);

/* The entry is in that state from now on; since stays if it was before. */
void dkim_life_begin(struct dkim_table_entry *entry, enum dkim_state state,
		     time_t now);

/* What a cache has left of a TTL is less than it: the longest one counts. */
void dkim_life_see_ttl(struct dkim_table_entry *entry, uint32_t ttl);

/*
 * Of a domain's entries (their numbers in the table) those of an algorithm
 * that count: the active one, and the newest pending one that is not older
 * than that. NULL: none.
 */
void dkim_life_choose(struct dkim_table_entry **active_r,
		      struct dkim_table_entry **pending_r,
		      const struct dkim_table *table, const size_t *numbers,
		      size_t count, enum dkim_algorithm algorithm);

#endif
