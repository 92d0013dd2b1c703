#ifndef ADMIN_DKIM_ROTATION_H
#define ADMIN_DKIM_ROTATION_H

#include "admin/dkim-rotate.h"
#include "admin/dkim-store.h"

/* The inside of dkim_rotate(): a run, and its steps. */
struct rotation {
	const struct dkim_rotate_options *options;
	struct dkim_rotate_result result;
	struct dkim_store store; /* open for a batch of domains */
	time_t now;		 /* of the batch */
	time_t unanswered;	 /* seconds, in the whole run */
	bool publisher_hangs;
	bool changed; /* the table, since it was saved */
	struct news *news;
	size_t news_count;
	size_t seen; /* keys, in the batches before */
};

/* Seconds since some time or other; they never jump. */
time_t rotation_clock(void);

/*
 * What all keys of a domain need now. numbers: theirs in the table, which is
 * not saved; entries that are removed have no domain any more.
 */
void rotation_step(struct rotation *rotation, const size_t *numbers,
		   size_t count);

/* After the table was saved: what was done is told, and new keys published. */
void rotation_tell(struct rotation *rotation);
void rotation_forget(struct rotation *rotation);

#endif
