#include "common/shared.h"

#include <stddef.h>

void shared_init(struct shared *shared, void (*free)(struct shared *shared))
{
	atomic_init(&shared->holders, 1);
	shared->free = free;
}

void shared_hold(struct shared *shared)
{
	(void)atomic_fetch_add(&shared->holders, 1);
}

void shared_release(struct shared *shared)
{
	if (shared != NULL && atomic_fetch_sub(&shared->holders, 1) == 1)
		shared->free(shared);
}

void shared_place_put(struct shared_place *place, struct shared *shared)
{
	struct shared *old;

	(void)pthread_mutex_lock(&place->lock);
	old = place->current;
	place->current = shared;
	(void)pthread_mutex_unlock(&place->lock);
	shared_release(old);
}

/* Under the lock, or the last hold could be given up in between. */
struct shared *shared_place_hold(struct shared_place *place)
{
	struct shared *shared;

	(void)pthread_mutex_lock(&place->lock);
	shared = place->current;
	if (shared != NULL)
		shared_hold(shared);
	(void)pthread_mutex_unlock(&place->lock);
	return shared;
}
