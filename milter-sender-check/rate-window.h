#ifndef MILTER_SENDER_CHECK_RATE_WINDOW_H
#define MILTER_SENDER_CHECK_RATE_WINDOW_H

#include <stdint.h>

/*
 * What was taken lately, by steps of time, which are numbered. The step that
 * now is in and as many before it as a window has: what happened just that
 * long ago stands in the oldest of them. The zero value is an empty one.
 */
#define RATE_STEPS 24
#define RATE_SLOTS (RATE_STEPS + 1)

struct rate_window {
	uint64_t step; /* the latest; that of step n stands at n % RATE_SLOTS */
	uint32_t taken[RATE_SLOTS];
};

/* It is this step now, which never is an earlier one. */
void rate_window_turn(struct rate_window *window, uint64_t step);

/* Taken in the latest step; a count that is full stays so. */
void rate_window_add(struct rate_window *window, uint32_t amount);

uint64_t rate_window_sum(const struct rate_window *window);

/* The step by which that many of those taken are past; at most the sum. */
uint64_t rate_window_free_at(const struct rate_window *window, uint64_t count);

#endif
