#include "tests/unit/test.h"

#include "milter-sender-check/rate.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HOUR 3600
#define DAY 86400

/* A host that has been up for some days, in the midst of every step. */
#define UP ((uint64_t)1000000)

static const struct rate_limits none;

static bool take(struct rate *rate, const struct rate_limits *limits,
		 unsigned int recipients, uint64_t now)
{
	return rate_take(rate, limits, "anna", recipients, now).result ==
	       RATE_FREE;
}

static void nothing_is_limited_or_kept_without_a_limit(void **state)
{
	const struct rate_limits one = { { [RATE_MESSAGES_PER_HOUR] = 1 } };
	struct rate *rate = rate_new();
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_true(take(rate, &none, 1000, UP));
	assert_true(take(rate, &one, 1, UP));
	assert_false(take(rate, &one, 1, UP));
	rate_free(&rate);
	assert_null(rate);
	rate_free(&rate);
}

static void an_account_takes_nothing_from_another(void **state)
{
	const struct rate_limits one = { { [RATE_MESSAGES_PER_DAY] = 1 } };
	struct rate *rate = rate_new();

	(void)state;
	assert_int_equal(rate_take(rate, &one, "anna", 1, UP).result,
			 RATE_FREE);
	assert_int_equal(rate_take(rate, &one, "ann", 1, UP).result, RATE_FREE);
	assert_int_equal(rate_take(rate, &one, "anna", 1, UP).result,
			 RATE_FULL);
	assert_int_equal(rate_take(rate, &one, "bert", 1, UP).result,
			 RATE_FREE);
	rate_free(&rate);
}

static void asking_takes_nothing(void **state)
{
	const struct rate_limits one = { { [RATE_RECIPIENTS_PER_HOUR] = 1 } };
	struct rate *rate = rate_new();

	(void)state;
	assert_int_equal(rate_ask(rate, &one, "anna", 1, UP).result, RATE_FREE);
	assert_int_equal(rate_ask(rate, &one, "anna", 1, UP).result, RATE_FREE);
	assert_true(take(rate, &one, 1, UP));
	assert_int_equal(rate_ask(rate, &one, "anna", 1, UP).result, RATE_FULL);
	rate_free(&rate);
}

/* What was taken first, each of it at its time after UP; then asked for. */
struct taken {
	unsigned int after;
	unsigned int recipients;
};

static const struct {
	const char *name;
	struct rate_limits limits;
	struct taken taken[4];
	unsigned int recipients;
	unsigned int after;
	struct rate_answer answer;
} answers[] = {
	{ .name = "an account that sent nothing",
	  .limits = { { 1, 1, 1, 1 } },
	  .recipients = 1,
	  .answer = { .result = RATE_FREE } },
	{ .name = "the last message of an hour",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 3 } },
	  .taken = { { 0, 1 }, { 1, 1 } },
	  .after = 2,
	  .answer = { .result = RATE_FREE } },
	{ .name = "one message more: UP is 100 s into its step of 150 s",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 2 } },
	  .taken = { { 0, 1 }, { 1, 1 } },
	  .after = 2,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_MESSAGES_PER_HOUR,
		      .wait = HOUR + 50 - 2 } },
	{ .name = "as long as the first of them counts",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 2 } },
	  .taken = { { 0, 1 }, { 2000, 1 } },
	  .after = HOUR,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_MESSAGES_PER_HOUR,
		      .wait = 50 } },
	{ .name = "no longer than that",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 2 } },
	  .taken = { { 0, 1 }, { 2000, 1 } },
	  .after = HOUR + 50,
	  .answer = { .result = RATE_FREE } },
	{ .name = "a day: UP is 2800 s into its hour",
	  .limits = { { [RATE_MESSAGES_PER_DAY] = 1 } },
	  .taken = { { 0, 1 } },
	  .after = 0,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_MESSAGES_PER_DAY,
		      .wait = DAY + 800 } },
	{ .name = "of two limits the one that lasts longer",
	  .limits = { { 1, 1, 1, 1 } },
	  .taken = { { 0, 1 } },
	  .recipients = 1,
	  .after = 0,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_MESSAGES_PER_DAY,
		      .wait = DAY + 800 } },
	{ .name = "recipients that just fit",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 10 } },
	  .taken = { { 0, 4 }, { 1, 3 } },
	  .recipients = 3,
	  .after = 2,
	  .answer = { .result = RATE_FREE } },
	{ .name = "recipients for which the first message has to be past",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 10 } },
	  .taken = { { 0, 4 }, { 2000, 3 } },
	  .recipients = 7,
	  .after = 2000,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_RECIPIENTS_PER_HOUR,
		      .left = 3,
		      .wait = HOUR + 50 - 2000 } },
	{ .name = "the second, too, which was at the start of its step",
	  .limits = { { [RATE_RECIPIENTS_PER_HOUR] = 10 } },
	  .taken = { { 0, 4 }, { 2000, 3 } },
	  .recipients = 8,
	  .after = 2000,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_RECIPIENTS_PER_HOUR,
		      .left = 3,
		      .wait = HOUR + 150 } },
	{ .name = "more recipients than there can ever be",
	  .limits = { { [RATE_RECIPIENTS_PER_DAY] = 10 } },
	  .taken = { { 0, 4 } },
	  .recipients = 11,
	  .answer = { .result = RATE_NEVER,
		      .limit = RATE_RECIPIENTS_PER_DAY,
		      .left = 6 } },
	{ .name = "never is worse than not now",
	  .limits = { { [RATE_MESSAGES_PER_DAY] = 1,
			[RATE_RECIPIENTS_PER_HOUR] = 10 } },
	  .taken = { { 0, 4 } },
	  .recipients = UINT32_MAX,
	  .answer = { .result = RATE_NEVER,
		      .limit = RATE_RECIPIENTS_PER_HOUR,
		      .left = 6 } },
	{ .name = "a clock that went back neither opens nor locks",
	  .limits = { { [RATE_MESSAGES_PER_HOUR] = 2 } },
	  .taken = { { 2000, 1 }, { 0, 1 } },
	  .after = 0,
	  .answer = { .result = RATE_FULL,
		      .limit = RATE_MESSAGES_PER_HOUR,
		      .wait = HOUR + 150 } },
};

static void there_is_an_answer_to_each_attempt(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct rate_answer *expected = &answers[i].answer;
		struct rate *rate = rate_new();
		struct rate_answer got;

		for (k = 0; k < ARRAY_SIZE(answers[i].taken); k++) {
			const struct taken *taken = &answers[i].taken[k];

			if (taken->recipients > 0)
				assert_true(take(rate, &answers[i].limits,
						 taken->recipients,
						 UP + taken->after));
		}
		got = rate_take(rate, &answers[i].limits, "anna",
				answers[i].recipients, UP + answers[i].after);
		if (got.result != expected->result ||
		    (got.result != RATE_FREE && (got.limit != expected->limit ||
						 got.left != expected->left ||
						 got.wait != expected->wait)))
			fail_msg("%s: result %d, limit %d, %u left, wait %llu",
				 answers[i].name, (int)got.result,
				 (int)got.limit, got.left,
				 (unsigned long long)got.wait);
		rate_free(&rate);
	}
}

static void a_lower_limit_counts_what_was_taken_before_it(void **state)
{
	const struct rate_limits ten = { { [RATE_MESSAGES_PER_HOUR] = 10 } };
	const struct rate_limits two = { { [RATE_RECIPIENTS_PER_DAY] = 2 } };
	struct rate *rate = rate_new();
	struct rate_answer answer;
	int i;

	(void)state;
	for (i = 0; i < 8; i++)
		assert_true(take(rate, &ten, 1, UP));
	answer = rate_ask(rate, &two, "anna", 1, UP);
	assert_int_equal(answer.result, RATE_FULL);
	assert_int_equal(answer.left, 0);
	assert_true(take(rate, &two, 1, UP + answer.wait));
	rate_free(&rate);
}

static void it_counts_from_the_hosts_start_on(void **state)
{
	const struct rate_limits one = { { [RATE_MESSAGES_PER_HOUR] = 1 } };
	struct rate *rate = rate_new();

	(void)state;
	assert_true(take(rate, &one, 1, 0));
	assert_false(take(rate, &one, 1, 0));
	assert_false(take(rate, &one, 1, HOUR));
	assert_true(take(rate, &one, 1, HOUR + 150));
	rate_free(&rate);
}

/* Numbers that are the same in every run. */
static unsigned int next_number(uint64_t *seed, unsigned int below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned int)((*seed >> 33) % below);
}

#define ATTEMPTS 4000

struct log {
	uint64_t when[ATTEMPTS];
	unsigned int recipients[ATTEMPTS];
	size_t count;
};

/* What was taken at that time and within so many seconds before. */
static uint64_t sum_of(const struct log *log, bool recipients, uint64_t now,
		       unsigned int seconds)
{
	uint64_t sum = 0;
	size_t i;

	for (i = log->count; i > 0 && now - log->when[i - 1] <= seconds; i--)
		sum += recipients ? log->recipients[i - 1] : 1;
	return sum;
}

static const struct {
	bool recipients;
	unsigned int window, step;
} windows[RATE_LIMITS] = {
	[RATE_MESSAGES_PER_HOUR] = { false, HOUR, HOUR / 24 },
	[RATE_MESSAGES_PER_DAY] = { false, DAY, DAY / 24 },
	[RATE_RECIPIENTS_PER_HOUR] = { true, HOUR, HOUR / 24 },
	[RATE_RECIPIENTS_PER_DAY] = { true, DAY, DAY / 24 },
};

static void assert_no_window_holds_too_much(const struct rate_limits *limits,
					    const struct log *log, uint64_t now)
{
	size_t i;

	for (i = 0; i < RATE_LIMITS; i++) {
		if (limits->max[i] > 0)
			assert_true(sum_of(log, windows[i].recipients, now,
					   windows[i].window) <=
				    limits->max[i]);
	}
}

/* It may last a step longer than by the log, but no more. */
static void assert_refused_for_that(const struct rate_limits *limits,
				    const struct log *log,
				    const struct rate_answer *answer,
				    unsigned int recipients, uint64_t now)
{
	bool counted = windows[answer->limit].recipients;
	uint64_t sum = sum_of(log, counted, now,
			      windows[answer->limit].window +
				      windows[answer->limit].step);

	assert_true(sum + (counted ? recipients : 1) >
		    limits->max[answer->limit]);
	if (answer->result == RATE_FULL) {
		assert_true(answer->wait > 0);
		assert_true(answer->wait <=
			    windows[answer->limit].window +
				    windows[answer->limit].step);
	}
}

/* After the wait there is room, and not a second before. */
static void assert_waits_right(struct rate *rate,
			       const struct rate_limits *limits,
			       const struct rate_answer *answer,
			       unsigned int recipients, uint64_t now)
{
	assert_int_equal(rate_ask(rate, limits, "anna", recipients,
				  now + answer->wait - 1)
				 .result,
			 RATE_FULL);
	assert_int_equal(
		rate_ask(rate, limits, "anna", recipients, now + answer->wait)
			.result,
		RATE_FREE);
}

static void attempt_at_random(const struct rate_limits *limits, uint64_t seed)
{
	static struct log log;
	struct rate *rate = rate_new();
	uint64_t now = UP + next_number(&seed, DAY);
	size_t taken = 0, refused = 0;

	log.count = 0;
	while (log.count < ATTEMPTS && taken + refused < 2 * ATTEMPTS) {
		unsigned int recipients = 1 + next_number(&seed, 12);
		struct rate_answer answer;

		now += next_number(&seed, 20) == 0 ? next_number(&seed, 9000)
						   : next_number(&seed, 90);
		answer = rate_take(rate, limits, "anna", recipients, now);
		if (answer.result == RATE_FREE) {
			taken++;
			log.when[log.count] = now;
			log.recipients[log.count++] = recipients;
			assert_no_window_holds_too_much(limits, &log, now);
			continue;
		}
		refused++;
		assert_refused_for_that(limits, &log, &answer, recipients, now);
		if (answer.result == RATE_FULL &&
		    next_number(&seed, 100) == 0) {
			assert_waits_right(rate, limits, &answer, recipients,
					   now);
			now += answer.wait;
		}
	}
	assert_true(taken > 0);
	assert_true(refused > 0);
	rate_free(&rate);
}

static void no_hour_and_no_day_ever_holds_more_than_the_limit(void **state)
{
	static const struct rate_limits limits[] = {
		{ { 1, 0, 0, 0 } },	 { { 30, 0, 0, 0 } },
		{ { 0, 100, 0, 0 } },	 { { 0, 0, 60, 0 } },
		{ { 0, 0, 0, 900 } },	 { { 20, 200, 90, 900 } },
		{ { 40, 300, 7, 700 } },
	};
	size_t i;
	unsigned int seed;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		for (seed = 1; seed <= 5; seed++)
			attempt_at_random(&limits[i], seed);
	}
}

static void no_count_ends_where_its_numbers_do(void **state)
{
	const struct rate_limits messages = { { [RATE_MESSAGES_PER_DAY] = 9 } };
	const struct rate_limits recipients = { { [RATE_RECIPIENTS_PER_DAY] =
							  RATE_MAX } };
	struct rate *rate = rate_new();
	struct rate_answer answer;

	(void)state;
	assert_true(take(rate, &messages, UINT32_MAX, UP));
	assert_true(take(rate, &messages, 1, UP));
	assert_true(take(rate, &messages, UINT32_MAX, UP));
	answer = rate_ask(rate, &recipients, "anna", 1, UP);
	assert_int_equal(answer.result, RATE_FULL);
	assert_int_equal(answer.left, 0);
	rate_free(&rate);
}

static void ask_often(struct rate *rate, const char *account, uint64_t now)
{
	const struct rate_limits one = { { [RATE_MESSAGES_PER_DAY] = 1 } };
	int i;

	for (i = 0; i < 200; i++)
		(void)rate_ask(rate, &one, account, 1, now);
}

static void accounts_that_are_past_are_forgotten(void **state)
{
	const struct rate_limits one = { { [RATE_MESSAGES_PER_DAY] = 1 } };
	struct rate *rate = rate_new();
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "user%u", i * 7919 % 1000);
		assert_int_equal(rate_take(rate, &one, name, 1, UP + i).result,
				 RATE_FREE);
	}
	assert_int_equal(rate_count(rate), 1000);
	ask_often(rate, "user0", UP + DAY);
	assert_int_equal(rate_count(rate), 1000);
	/* What only asks is not kept for that. */
	ask_often(rate, "user0", UP + DAY + HOUR + 499);
	assert_int_equal(rate_count(rate), 500);
	ask_often(rate, "nobody", UP + 3 * DAY);
	assert_int_equal(rate_count(rate), 0);
	rate_free(&rate);
}

#define THREADS 8
#define PER_THREAD 2000
#define PLACES 5000
#define OTHERS 50

struct rush {
	pthread_t thread;
	struct rate *rate;
	unsigned int taken;
};

/* Each thread's clock runs by itself. */
static void *rush(void *of)
{
	static const struct rate_limits limits = {
		{ [RATE_RECIPIENTS_PER_HOUR] = PLACES }
	};
	struct rush *self = of;
	unsigned int i;

	for (i = 0; i < PER_THREAD; i++) {
		char other[16];

		(void)snprintf(other, sizeof(other), "user%u", i % OTHERS);
		(void)rate_take(self->rate, &limits, other, 1, UP + i);
		self->taken += take(self->rate, &limits, 1, UP + i);
	}
	return NULL;
}

static void many_at_once_take_what_there_is_and_no_more(void **state)
{
	struct rate *rate = rate_new();
	struct rush rushes[THREADS];
	unsigned int i, taken = 0;

	(void)state;
	for (i = 0; i < THREADS; i++) {
		rushes[i] = (struct rush){ .rate = rate };
		assert_int_equal(pthread_create(&rushes[i].thread, NULL, rush,
						&rushes[i]),
				 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(rushes[i].thread, NULL), 0);
		taken += rushes[i].taken;
	}
	assert_int_equal(taken, PLACES);
	assert_int_equal(rate_count(rate), OTHERS + 1);
	rate_free(&rate);
}

static void the_clock_only_grows(void **state)
{
	uint64_t before = rate_clock();

	(void)state;
	assert_true(before > 0);
	assert_true(rate_clock() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_limited_or_kept_without_a_limit),
		cmocka_unit_test(an_account_takes_nothing_from_another),
		cmocka_unit_test(asking_takes_nothing),
		cmocka_unit_test(there_is_an_answer_to_each_attempt),
		cmocka_unit_test(a_lower_limit_counts_what_was_taken_before_it),
		cmocka_unit_test(it_counts_from_the_hosts_start_on),
		cmocka_unit_test(
			no_hour_and_no_day_ever_holds_more_than_the_limit),
		cmocka_unit_test(no_count_ends_where_its_numbers_do),
		cmocka_unit_test(accounts_that_are_past_are_forgotten),
		cmocka_unit_test(many_at_once_take_what_there_is_and_no_more),
		cmocka_unit_test(the_clock_only_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
