#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_REPLAY_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_REPLAY_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * What was seen lately: each value is NEW once, for at least the given number
 * of seconds. Bounded: when full it says so, and forgets nothing early.
 */
struct tlspubkey_replay;

enum tlspubkey_replay_result {
	TLSPUBKEY_REPLAY_NEW, /* and from now on SEEN */
	TLSPUBKEY_REPLAY_SEEN,
	TLSPUBKEY_REPLAY_FULL,
};

/* max: values remembered within the given seconds. */
struct tlspubkey_replay *tlspubkey_replay_new(unsigned int seconds, size_t max);
void tlspubkey_replay_free(struct tlspubkey_replay **replay);

/* Values are spread evenly already: part of a MAC. */
enum tlspubkey_replay_result
tlspubkey_replay_see(struct tlspubkey_replay *replay, uint64_t value,
		     time_t now);

#endif
