#ifndef COMMON_SHARED_H
#define COMMON_SHARED_H

#include <pthread.h>
#include <stdatomic.h>

/*
 * What threads use while a reload puts something new in its place: it never
 * changes once it is there and is freed by its last holder. The first member
 * of the struct that is shared.
 */
struct shared {
	atomic_uint holders;
	void (*free)(struct shared *shared);
};

/* Held once, by the caller. */
void shared_init(struct shared *shared, void (*free)(struct shared *shared));

/* Once more, by who holds it already or keeps its last hold from ending. */
void shared_hold(struct shared *shared);

/* Give up one hold; NULL is fine. */
void shared_release(struct shared *shared);

/* The place of the one that is in use. */
struct shared_place {
	pthread_mutex_t lock;
	struct shared *current; /* NULL: none */
};

#define SHARED_PLACE_INIT                                                      \
	{                                                                      \
		.lock = PTHREAD_MUTEX_INITIALIZER                              \
	}

/* Takes over the hold on shared, NULL for none; gives up the one before. */
void shared_place_put(struct shared_place *place, struct shared *shared);

/* What stands there, held once more; or NULL. */
struct shared *shared_place_hold(struct shared_place *place);

#endif
