#include "milter-sender-check/rate.h"

#include "common/mem.h"
#include "milter-sender-check/rate-window.h"

#include <pthread.h>
#include <search.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#define FORGET_MAX 8

struct account {
	char *name;    /* first, so that a name's address is a key */
	uint64_t last; /* when it took something */
	TAILQ_ENTRY(account) age;
	struct rate_window windows[RATE_LIMITS];
};

TAILQ_HEAD(ages, account);

struct rate {
	pthread_mutex_t lock;
	uint64_t now; /* the latest ever told */
	size_t count;
	void *accounts;	  /* tree */
	struct ages ages; /* the same, by when they took something */
};

static const struct {
	unsigned int step; /* seconds */
	bool recipients;
} kinds[RATE_LIMITS] = {
	[RATE_MESSAGES_PER_HOUR] = { 3600 / RATE_STEPS, false },
	[RATE_MESSAGES_PER_DAY] = { 86400 / RATE_STEPS, false },
	[RATE_RECIPIENTS_PER_HOUR] = { 3600 / RATE_STEPS, true },
	[RATE_RECIPIENTS_PER_DAY] = { 86400 / RATE_STEPS, true },
};

static int compare(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

struct rate *rate_new(void)
{
	struct rate *rate = mem_alloc(sizeof(*rate));

	(void)pthread_mutex_init(&rate->lock, NULL);
	TAILQ_INIT(&rate->ages);
	return rate;
}

static void free_account(void *of)
{
	struct account *account = of;

	mem_free_string(&account->name);
	free(account);
}

void rate_free(struct rate **rate)
{
	if (*rate == NULL)
		return;
	tdestroy((*rate)->accounts, free_account);
	(void)pthread_mutex_destroy(&(*rate)->lock);
	free(*rate);
	*rate = NULL;
}

uint64_t rate_clock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		abort();
	return (uint64_t)now.tv_sec;
}

static struct account *find_account(struct rate *rate, const char *name)
{
	void *found = tfind(&name, &rate->accounts, compare);

	return found != NULL ? *(struct account **)found : NULL;
}

static void turn_windows(struct account *account, uint64_t now)
{
	int i;

	for (i = 0; i < RATE_LIMITS; i++)
		rate_window_turn(&account->windows[i], now / kinds[i].step);
}

static struct account *add_account(struct rate *rate, const char *name)
{
	struct account *account = mem_alloc(sizeof(*account));

	account->name = mem_strdup(name);
	account->last = rate->now;
	turn_windows(account, rate->now);
	if (tsearch(account, &rate->accounts, compare) == NULL)
		abort();
	TAILQ_INSERT_TAIL(&rate->ages, account, age);
	rate->count++;
	return account;
}

/* A few at a time, for other threads wait meanwhile: still more than come. */
static void forget_past_accounts(struct rate *rate)
{
	const uint64_t kept = RATE_SLOTS * kinds[RATE_MESSAGES_PER_DAY].step;
	struct account *oldest;
	int i;

	for (i = 0; i < FORGET_MAX; i++) {
		oldest = TAILQ_FIRST(&rate->ages);
		if (oldest == NULL || rate->now - oldest->last < kept)
			break;
		TAILQ_REMOVE(&rate->ages, oldest, age);
		(void)tdelete(oldest, &rate->accounts, compare);
		free_account(oldest);
		rate->count--;
	}
}

static unsigned int amount(enum rate_limit limit, unsigned int recipients)
{
	return kinds[limit].recipients ? recipients : 1;
}

/* For one limit; window is that of now. */
static struct rate_answer ask_limit(const struct rate_window *window,
				    enum rate_limit limit, unsigned int max,
				    uint64_t wanted, uint64_t now)
{
	struct rate_answer answer = { .result = RATE_FREE, .limit = limit };
	uint64_t sum = rate_window_sum(window);

	if (max == 0 || sum + wanted <= max)
		return answer;
	answer.left = sum < max ? max - (unsigned int)sum : 0;
	if (wanted > max) {
		answer.result = RATE_NEVER;
		return answer;
	}
	answer.result = RATE_FULL;
	answer.wait = rate_window_free_at(window, sum + wanted - max) *
			      kinds[limit].step -
		      now;
	return answer;
}

static bool is_worse(const struct rate_answer *a, const struct rate_answer *b)
{
	return a->result > b->result ||
	       (a->result == b->result && a->wait > b->wait);
}

static struct rate_answer ask(const struct account *account,
			      const struct rate_limits *limits,
			      unsigned int recipients, uint64_t now)
{
	static const struct rate_window none[RATE_LIMITS];
	const struct rate_window *windows =
		account != NULL ? account->windows : none;
	struct rate_answer worst = { .result = RATE_FREE };
	int i;

	for (i = 0; i < RATE_LIMITS; i++) {
		struct rate_answer answer =
			ask_limit(&windows[i], i, limits->max[i],
				  amount(i, recipients), now);

		if (is_worse(&answer, &worst))
			worst = answer;
	}
	return worst;
}

/* Of this name, with its windows as of now; NULL if it is not known. */
static struct account *turn(struct rate *rate, const char *name, uint64_t now)
{
	struct account *account;

	/* Another thread may have read the clock later and come first. */
	if (now > rate->now)
		rate->now = now;
	forget_past_accounts(rate);
	account = find_account(rate, name);
	if (account != NULL)
		turn_windows(account, rate->now);
	return account;
}

static void
take(struct rate *rate, struct account *account, unsigned int recipients)
{
	int i;

	for (i = 0; i < RATE_LIMITS; i++)
		rate_window_add(&account->windows[i], amount(i, recipients));
	account->last = rate->now;
	TAILQ_REMOVE(&rate->ages, account, age);
	TAILQ_INSERT_TAIL(&rate->ages, account, age);
}

static bool is_limited(const struct rate_limits *limits)
{
	int i;

	for (i = 0; i < RATE_LIMITS; i++) {
		if (limits->max[i] > 0)
			return true;
	}
	return false;
}

static struct rate_answer
ask_and_take(struct rate *rate, const struct rate_limits *limits,
	     const char *name, unsigned int recipients, uint64_t now,
	     bool taken)
{
	struct rate_answer answer = { .result = RATE_FREE };
	struct account *account;

	if (!is_limited(limits))
		return answer;
	(void)pthread_mutex_lock(&rate->lock);
	account = turn(rate, name, now);
	answer = ask(account, limits, recipients, rate->now);
	if (taken && answer.result == RATE_FREE) {
		if (account == NULL)
			account = add_account(rate, name);
		take(rate, account, recipients);
	}
	(void)pthread_mutex_unlock(&rate->lock);
	return answer;
}

struct rate_answer rate_ask(struct rate *rate, const struct rate_limits *limits,
			    const char *account, unsigned int recipients,
			    uint64_t now)
{
	return ask_and_take(rate, limits, account, recipients, now, false);
}

struct rate_answer
rate_take(struct rate *rate, const struct rate_limits *limits,
	  const char *account, unsigned int recipients, uint64_t now)
{
	return ask_and_take(rate, limits, account, recipients, now, true);
}

size_t rate_count(struct rate *rate)
{
	size_t count;

	(void)pthread_mutex_lock(&rate->lock);
	count = rate->count;
	(void)pthread_mutex_unlock(&rate->lock);
	return count;
}
