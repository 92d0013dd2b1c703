#include "milter-sender-check/rate-check.h"

#include "common/policy-verdict.h"

#include <stdio.h>

/* RFC 3463 3.8: not authorized; for good, or for now. */
#define STATUS_NEVER "5.7.1"
#define STATUS_LATER "4.7.1"

static const char *const names[RATE_LIMITS] = {
	[RATE_MESSAGES_PER_HOUR] = "messages an hour",
	[RATE_MESSAGES_PER_DAY] = "messages a day",
	[RATE_RECIPIENTS_PER_HOUR] = "recipients an hour",
	[RATE_RECIPIENTS_PER_DAY] = "recipients a day",
};

static const struct policy_cause untold = {
	.status = STATUS_LATER,
	.reason = "the connection began before there was a limit of "
		  "recipients",
};

bool rate_counts_recipients(const struct rate_limits *limits)
{
	return limits->max[RATE_RECIPIENTS_PER_HOUR] > 0 ||
	       limits->max[RATE_RECIPIENTS_PER_DAY] > 0;
}

/* "12 minutes", never less than what is to be waited. */
static void format_wait(char *text, size_t size, uint64_t seconds)
{
	unsigned int minutes = (unsigned int)((seconds + 59) / 60);

	if (minutes <= 1)
		(void)snprintf(text, size, "1 minute");
	else if (minutes < 100)
		(void)snprintf(text, size, "%u minutes", minutes);
	else
		(void)snprintf(text, size, "%u hours", (minutes + 59) / 60);
}

static void refuse_now(struct policy_verdict *verdict,
		       const struct rate_attempt *attempt,
		       const struct rate_answer *answer)
{
	unsigned int max = attempt->limits->max[answer->limit];
	const char *name = names[answer->limit];
	char reason[64], wait[32];
	const struct policy_cause cause = {
		.status = STATUS_LATER,
		.reason = reason,
	};

	(void)snprintf(reason, sizeof(reason), "the limit of %u %s is reached",
		       max, name);
	format_wait(wait, sizeof(wait), answer->wait);
	if (answer->left == 0)
		policy_put_off(verdict, &cause,
			       "the account of the login %s has reached its "
			       "limit of %u %s, try again in %s",
			       attempt->login, max, name, wait);
	else
		policy_put_off(verdict, &cause,
			       "the account of the login %s has %u left of its "
			       "limit of %u %s, and the message has %u: send "
			       "it to fewer, or try again in %s",
			       attempt->login, answer->left, max, name,
			       attempt->recipients, wait);
}

static void refuse_for_good(struct policy_verdict *verdict,
			    const struct rate_attempt *attempt,
			    const struct rate_answer *answer)
{
	unsigned int max = attempt->limits->max[answer->limit];
	const char *name = names[answer->limit];
	char reason[64];
	const struct policy_cause cause = {
		.status = STATUS_NEVER,
		.reason = reason,
	};

	(void)snprintf(reason, sizeof(reason),
		       "more recipients than the limit of %u %s", max, name);
	policy_reject(verdict, &cause,
		      "the message has %u recipients, and the account of the "
		      "login %s a limit of %u %s: send it to fewer at a time",
		      attempt->recipients, attempt->login, max, name);
}

static void apply(struct policy_verdict *verdict,
		  const struct rate_attempt *attempt,
		  const struct rate_answer *answer)
{
	switch (answer->result) {
	case RATE_FREE:
		break;
	case RATE_FULL:
		refuse_now(verdict, attempt, answer);
		break;
	case RATE_NEVER:
		refuse_for_good(verdict, attempt, answer);
		break;
	}
}

static bool is_counted(const struct policy_verdict *verdict)
{
	return verdict->result == POLICY_PASS && !verdict->exempt;
}

void rate_check_mail(struct policy_verdict *verdict,
		     const struct rate_attempt *attempt)
{
	struct rate_answer answer;

	if (!is_counted(verdict))
		return;
	answer = rate_ask(attempt->rate, attempt->limits, verdict->account, 1,
			  attempt->now);
	apply(verdict, attempt, &answer);
}

void rate_check_message(struct policy_verdict *verdict,
			const struct rate_attempt *attempt)
{
	struct rate_answer answer;

	if (!is_counted(verdict))
		return;
	if (attempt->recipients == 0 &&
	    rate_counts_recipients(attempt->limits)) {
		policy_put_off(verdict, &untold,
			       "the limits have changed, connect again");
		return;
	}
	answer = rate_take(attempt->rate, attempt->limits, verdict->account,
			   attempt->recipients, attempt->now);
	apply(verdict, attempt, &answer);
}
