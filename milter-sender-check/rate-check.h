#ifndef MILTER_SENDER_CHECK_RATE_CHECK_H
#define MILTER_SENDER_CHECK_RATE_CHECK_H

#include "common/conf.h"
#include "milter-sender-check/rate.h"

#include <stdbool.h>
#include <stddef.h>

struct policy_verdict;

/* What an account may send, as verdicts. rate.h counts it. */

#define RATE_SETTING(base, setting, limit)                                     \
	{                                                                      \
		.name = (setting), .type = CONF_UINT,                          \
		.offset = (base) + offsetof(struct rate_limits, max) +         \
			  (limit) * sizeof(unsigned int),                      \
		.value = "0", .max = RATE_MAX                                  \
	}

/* In a table of conf.h; base: the limits' offset in the struct it is of. */
#define RATE_SETTINGS(base)                                                    \
	RATE_SETTING(base, "messages_per_hour", RATE_MESSAGES_PER_HOUR),       \
		RATE_SETTING(base, "messages_per_day", RATE_MESSAGES_PER_DAY), \
		RATE_SETTING(base, "recipients_per_hour",                      \
			     RATE_RECIPIENTS_PER_HOUR),                        \
		RATE_SETTING(base, "recipients_per_day",                       \
			     RATE_RECIPIENTS_PER_DAY)

/* Has the MTA to tell the recipients? */
bool rate_counts_recipients(const struct rate_limits *limits);

/* One message; all borrowed. */
struct rate_attempt {
	struct rate *rate;
	const struct rate_limits *limits;
	const char *login; /* for the text */
	unsigned int recipients;
	uint64_t now; /* rate_clock() */
};

/*
 * Both leave a verdict alone that did not pass, or passed unchecked, and set
 * it to 450 4.7.1 where its account's limits are reached.
 */

/* At MAIL: is there room for one message to one recipient? */
void rate_check_mail(struct policy_verdict *verdict,
		     const struct rate_attempt *attempt);

/*
 * The message passed everything else: it is counted now, or does not pass. 550
 * 5.7.1 if it has more recipients than the limit, so never can. Where they are
 * to be counted and there are none, the MTA was not asked to tell them when
 * its connection began: 450 4.7.1, too.
 */
void rate_check_message(struct policy_verdict *verdict,
			const struct rate_attempt *attempt);

#endif
