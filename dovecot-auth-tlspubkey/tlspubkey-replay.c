#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>

#define FIRST_SIZE 1024

/* Open addressing; 0 is an empty slot. The size is a power of two. */
struct set {
	uint64_t *slots;
	size_t size;
	size_t used;
};

/*
 * Two sets: what is seen goes to the first; when it has been in use for the
 * given time it becomes the second, and the old second is forgotten.
 */
struct tlspubkey_replay {
	struct set young, old;
	time_t since;
	unsigned int seconds;
	size_t max;
};

/* The slot of the value, or the empty one where it belongs. */
static uint64_t *find(const struct set *set, uint64_t value)
{
	size_t i = (size_t)value & (set->size - 1);

	while (set->slots[i] != 0 && set->slots[i] != value)
		i = (i + 1) & (set->size - 1);
	return &set->slots[i];
}

static bool contains(const struct set *set, uint64_t value)
{
	return set->size > 0 && *find(set, value) == value;
}

static void grow(struct set *set)
{
	struct set bigger = { .size = set->size > 0 ? set->size * 2
						    : FIRST_SIZE };
	size_t i;

	bigger.slots = mem_array(bigger.size, sizeof(*bigger.slots));
	bigger.used = set->used;
	for (i = 0; i < set->size; i++) {
		if (set->slots[i] != 0)
			*find(&bigger, set->slots[i]) = set->slots[i];
	}
	free(set->slots);
	*set = bigger;
}

static void insert(struct set *set, uint64_t value)
{
	if (set->used >= set->size / 2)
		grow(set);
	*find(set, value) = value;
	set->used++;
}

static void forget(struct set *set)
{
	free(set->slots);
	*set = (struct set){ .slots = NULL };
}

static void turn(struct tlspubkey_replay *replay, time_t now)
{
	/* A clock set back must not keep the sets for as long. */
	if (now < replay->since)
		replay->since = now;
	if (now - replay->since < (time_t)replay->seconds)
		return;
	forget(&replay->old);
	if (now - replay->since < 2 * (time_t)replay->seconds)
		replay->old = replay->young;
	else
		forget(&replay->young);
	replay->young = (struct set){ .slots = NULL };
	replay->since = now;
}

struct tlspubkey_replay *tlspubkey_replay_new(unsigned int seconds, size_t max)
{
	struct tlspubkey_replay *replay = mem_alloc(sizeof(*replay));

	replay->seconds = seconds;
	replay->max = max;
	return replay;
}

void tlspubkey_replay_free(struct tlspubkey_replay **replay)
{
	if (*replay == NULL)
		return;
	forget(&(*replay)->young);
	forget(&(*replay)->old);
	free(*replay);
	*replay = NULL;
}

enum tlspubkey_replay_result
tlspubkey_replay_see(struct tlspubkey_replay *replay, uint64_t value,
		     time_t now)
{
	if (value == 0)
		value = 1;
	turn(replay, now);
	if (contains(&replay->young, value) || contains(&replay->old, value))
		return TLSPUBKEY_REPLAY_SEEN;
	if (replay->young.used >= replay->max)
		return TLSPUBKEY_REPLAY_FULL;
	insert(&replay->young, value);
	return TLSPUBKEY_REPLAY_NEW;
}
