#ifndef MILTER_SENDER_CHECK_RATE_H
#define MILTER_SENDER_CHECK_RATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * What each account has sent within the last hour and the last day. Threads
 * may use it side by side; its lock is held for arithmetic alone.
 *
 * Time goes by in steps, and a step counts until all of it is past: an hour
 * here lasts up to 2.5 minutes longer than one, a day up to an hour, so that
 * within no real hour or day more than the limit is ever taken. Kept are some
 * 500 octets of every account that took something within the last day; older
 * ones go as others come.
 */
struct rate;

enum rate_limit {
	RATE_MESSAGES_PER_HOUR,
	RATE_MESSAGES_PER_DAY,
	RATE_RECIPIENTS_PER_HOUR,
	RATE_RECIPIENTS_PER_DAY,
	RATE_LIMITS
};

#define RATE_MAX 100000000

struct rate_limits {
	unsigned int max[RATE_LIMITS]; /* 0 (none) to RATE_MAX */
};

enum rate_result {
	RATE_FREE,
	RATE_FULL,  /* not now: for the limit that lasts longest */
	RATE_NEVER, /* more recipients than that limit itself */
};

/* limit, left and wait say nothing if it is free. */
struct rate_answer {
	enum rate_result result;
	enum rate_limit limit;
	unsigned int left; /* places within that limit */
	uint64_t wait;	   /* seconds until there are enough; RATE_FULL */
};

struct rate *rate_new(void);
void rate_free(struct rate **rate);

/*
 * Seconds, for now below: they only grow, also while the host is suspended and
 * whatever the time of day is set to.
 */
uint64_t rate_clock(void);

/* Accounts of which anything is kept. */
size_t rate_count(struct rate *rate);

/* Is there room for another message, and for so many recipients? */
struct rate_answer rate_ask(struct rate *rate, const struct rate_limits *limits,
			    const char *account, unsigned int recipients,
			    uint64_t now);

/*
 * The same, and if there is, take it at once. Without any limit nothing is
 * kept; under any of them, messages and recipients are counted for all four.
 */
struct rate_answer
rate_take(struct rate *rate, const struct rate_limits *limits,
	  const char *account, unsigned int recipients, uint64_t now);

#endif
