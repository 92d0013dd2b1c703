#include "admin/key-attempts.h"

#include "admin/key-attempt.h"
#include "admin/tally.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

struct key_attempts {
	const char *key;
	const char *account;
	struct tally *rows;
	bool seen;
};

struct key_attempts *key_attempts_new(const char *key, const char *account)
{
	struct key_attempts *attempts = mem_alloc(sizeof(*attempts));

	attempts->key = key;
	attempts->account = account;
	attempts->rows =
		tally_new(KEY_ATTEMPTS_VALUES, KEY_ATTEMPTS_ACCOUNT_MAX,
			  KEY_ATTEMPTS_ROWS_MAX);
	return attempts;
}

void key_attempts_free(struct key_attempts **attempts)
{
	if (*attempts == NULL)
		return;
	tally_free(&(*attempts)->rows);
	free(*attempts);
	*attempts = NULL;
}

static bool is_wanted(const struct key_attempts *attempts,
		      const struct key_attempt *attempt)
{
	const char *key = attempts->key, *account = attempts->account;

	if (key == NULL && account == NULL)
		return true;
	return (key != NULL && strcmp(key, attempt->key) == 0) ||
	       (account != NULL && (strcmp(account, attempt->account) == 0 ||
				    strcmp(account, attempt->login) == 0));
}

static void
add(struct key_attempts *attempts, const struct key_attempt *attempt)
{
	const char *const values[KEY_ATTEMPTS_VALUES] = {
		[KEY_ATTEMPTS_ACCOUNT] = attempt->account,
		[KEY_ATTEMPTS_NAME] = attempt->name,
		[KEY_ATTEMPTS_RESULT] = attempt->result,
		[KEY_ATTEMPTS_REASON] = attempt->reason,
		[KEY_ATTEMPTS_LOGIN] = attempt->login,
		[KEY_ATTEMPTS_MECHANISM] = attempt->mechanism,
		[KEY_ATTEMPTS_PROTOCOL] = attempt->protocol,
		[KEY_ATTEMPTS_REMOTE] = attempt->remote,
		[KEY_ATTEMPTS_KEY] = attempt->key,
	};
	const char *const further[KEY_ATTEMPTS_VALUES] = {
		[KEY_ATTEMPTS_ACCOUNT] = attempt->account,
		[KEY_ATTEMPTS_NAME] = "",
		[KEY_ATTEMPTS_RESULT] = attempt->result,
		[KEY_ATTEMPTS_REASON] = "further attempts",
		[KEY_ATTEMPTS_LOGIN] = "",
		[KEY_ATTEMPTS_MECHANISM] = "",
		[KEY_ATTEMPTS_PROTOCOL] = "",
		[KEY_ATTEMPTS_REMOTE] = "",
		[KEY_ATTEMPTS_KEY] = "",
	};

	tally_add(attempts->rows, values, further, attempt->time);
}

void key_attempts_take(void *context, const char *line)
{
	struct key_attempts *attempts = context;
	struct key_attempt attempt;

	if (!key_attempt_parse(&attempt, line))
		return;
	attempts->seen = true;
	if (is_wanted(attempts, &attempt))
		add(attempts, &attempt);
	key_attempt_release(&attempt);
}

bool key_attempts_seen(const struct key_attempts *attempts)
{
	return attempts->seen;
}

static int compare_shown(const void *left, const void *right)
{
	const struct tally_row *const *a = left, *const *b = right;
	int order = strcmp((*b)->last, (*a)->last);

	return order != 0 ? order : tally_compare_values(*a, *b);
}

const struct tally_row *const *
key_attempts_rows(struct key_attempts *attempts, size_t *count_r)
{
	return tally_rows(attempts->rows, compare_shown, count_r);
}
