#include "tests/unit/test.h"

#include "common/policy-verdict.h"
#include "milter-sender-check/rate-check.h"

#include <stdio.h>
#include <string.h>

#define UP ((uint64_t)1000000)

static struct policy_verdict passed(void)
{
	struct policy_verdict verdict;

	policy_pass(&verdict);
	(void)snprintf(verdict.account, sizeof(verdict.account), "anna");
	return verdict;
}

static struct policy_verdict send_to(struct rate *rate,
				     const struct rate_limits *limits,
				     unsigned int recipients, uint64_t after)
{
	const struct rate_attempt attempt = {
		.rate = rate,
		.limits = limits,
		.login = "anna@example.org",
		.recipients = recipients,
		.now = UP + after,
	};
	struct policy_verdict verdict = passed();

	(void)snprintf(verdict.sender, sizeof(verdict.sender),
		       "anna@example.org");
	rate_check_message(&verdict, &attempt);
	return verdict;
}

static const struct {
	const char *name;
	struct rate_limits limits;
	unsigned int before; /* recipients of a message sent before */
	unsigned int recipients;
	unsigned int after; /* seconds, both of them */
	const char *reply;
	const char *reason;
} replies[] = {
	{ .name = "an hour, in minutes",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 1 } },
	  .before = 1,
	  .recipients = 1,
	  .after = 3000,
	  .reply = "450 4.7.1 the account of the login anna@example.org has "
		   "reached its limit of 1 messages an hour, try again in 11 "
		   "minutes",
	  .reason = "the limit of 1 messages an hour is reached" },
	{ .name = "the last seconds, as a minute",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 1 } },
	  .before = 1,
	  .recipients = 1,
	  .after = 3649,
	  .reply = "450 4.7.1 the account of the login anna@example.org has "
		   "reached its limit of 1 messages an hour, try again in 1 "
		   "minute",
	  .reason = "the limit of 1 messages an hour is reached" },
	{ .name = "a day, in hours",
	  .limits = { { [RATE_MESSAGES_PER_DAY] = 1 } },
	  .before = 1,
	  .recipients = 1,
	  .after = 0,
	  .reply = "450 4.7.1 the account of the login anna@example.org has "
		   "reached its limit of 1 messages a day, try again in 25 "
		   "hours",
	  .reason = "the limit of 1 messages a day is reached" },
	{ .name = "no recipient left",
	  .limits = { { [RATE_RECIPIENTS_PER_DAY] = 20 } },
	  .before = 20,
	  .recipients = 2,
	  .after = 86000,
	  .reply = "450 4.7.1 the account of the login anna@example.org has "
		   "reached its limit of 20 recipients a day, try again in 20 "
		   "minutes",
	  .reason = "the limit of 20 recipients a day is reached" },
	{ .name = "some recipients left",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 20 } },
	  .before = 17,
	  .recipients = 4,
	  .after = 0,
	  .reply = "450 4.7.1 the account of the login anna@example.org has 3 "
		   "left of its limit of 20 recipients an hour, and the "
		   "message has 4: send it to fewer, or try again in 61 "
		   "minutes",
	  .reason = "the limit of 20 recipients an hour is reached" },
	{ .name = "more recipients than there can be",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 20 } },
	  .recipients = 21,
	  .reply = "550 5.7.1 the message has 21 recipients, and the account "
		   "of the login anna@example.org a limit of 20 recipients an "
		   "hour: send it to fewer at a time",
	  .reason = "more recipients than the limit of 20 recipients an "
		    "hour" },
	{ .name = "recipients that were not told",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 20 } },
	  .recipients = 0,
	  .reply = "450 4.7.1 the limits have changed, connect again",
	  .reason = "the connection began before there was a limit of "
		    "recipients" },
};

static void the_reply_says_how_long_to_wait(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		struct rate *rate = rate_new();
		struct policy_verdict verdict;
		char reply[sizeof(verdict.text) + 16];

		if (replies[i].before > 0) {
			verdict = send_to(rate, &replies[i].limits,
					  replies[i].before, 0);
			assert_int_equal(verdict.result, POLICY_PASS);
			assert_string_equal(verdict.sender, "anna@example.org");
		}
		verdict = send_to(rate, &replies[i].limits,
				  replies[i].recipients, replies[i].after);
		(void)snprintf(reply, sizeof(reply), "%s %s %s", verdict.code,
			       verdict.status, verdict.text);
		if (strcmp(reply, replies[i].reply) != 0 ||
		    strcmp(verdict.reason, replies[i].reason) != 0)
			fail_msg("%s: %s (%s)", replies[i].name, reply,
				 verdict.reason);
		assert_int_equal(verdict.result, reply[0] == '5'
							 ? POLICY_REJECT
							 : POLICY_DEFER);
		assert_false(verdict.outage);
		assert_string_equal(verdict.sender, "");
		rate_free(&rate);
	}
}

static void what_does_not_pass_or_is_exempt_is_not_counted(void **state)
{
	const struct rate_limits one = { { 1, 1, 1, 1 } };
	const struct rate_attempt attempt = {
		.rate = rate_new(),
		.limits = &one,
		.login = "anna",
		.recipients = 100,
		.now = UP,
	};
	struct rate *rate = attempt.rate;
	struct policy_verdict verdict = passed();
	struct error err;

	(void)state;
	policy_exempt(&verdict, "the account is exempt");
	rate_check_mail(&verdict, &attempt);
	rate_check_message(&verdict, &attempt);
	assert_int_equal(verdict.result, POLICY_PASS);
	assert_string_equal(verdict.reason, "the account is exempt");

	verdict = passed();
	error_set(&err, "gone");
	policy_defer(&verdict, &err);
	rate_check_mail(&verdict, &attempt);
	rate_check_message(&verdict, &attempt);
	assert_string_equal(verdict.code, "451");
	assert_true(verdict.outage);
	assert_int_equal(rate_count(rate), 0);
	rate_free(&rate);
}

static void a_full_account_is_refused_at_mail_and_not_counted(void **state)
{
	const struct rate_limits five = { { [RATE_RECIPIENTS_PER_HOUR] = 5 } };
	struct rate *rate = rate_new();
	const struct rate_attempt attempt = {
		.rate = rate,
		.limits = &five,
		.login = "anna",
		.now = UP,
	};
	struct policy_verdict verdict = passed();

	(void)state;
	rate_check_mail(&verdict, &attempt);
	assert_int_equal(verdict.result, POLICY_PASS);
	assert_int_equal(send_to(rate, &five, 4, 0).result, POLICY_PASS);
	rate_check_mail(&verdict, &attempt);
	assert_int_equal(verdict.result, POLICY_PASS);
	assert_int_equal(send_to(rate, &five, 1, 0).result, POLICY_PASS);
	rate_check_mail(&verdict, &attempt);
	assert_int_equal(verdict.result, POLICY_DEFER);
	rate_free(&rate);
}

static void recipients_are_told_where_they_are_limited_only(void **state)
{
	const struct rate_limits none = { { 0 } },
				 messages = { { 1, 1, 0, 0 } },
				 hour = { { 0, 0, 1, 0 } },
				 day = { { 0, 0, 0, 1 } };

	(void)state;
	assert_false(rate_counts_recipients(&none));
	assert_false(rate_counts_recipients(&messages));
	assert_true(rate_counts_recipients(&hour));
	assert_true(rate_counts_recipients(&day));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reply_says_how_long_to_wait),
		cmocka_unit_test(
			what_does_not_pass_or_is_exempt_is_not_counted),
		cmocka_unit_test(
			a_full_account_is_refused_at_mail_and_not_counted),
		cmocka_unit_test(
			recipients_are_told_where_they_are_limited_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
