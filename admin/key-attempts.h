#ifndef ADMIN_KEY_ATTEMPTS_H
#define ADMIN_KEY_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>

struct tally_row;

/* The logins with a key that Dovecot has logged, summed up. */
struct key_attempts;

/* An account's further rows are counted together, and those of none too. */
#define KEY_ATTEMPTS_ACCOUNT_MAX 1000
#define KEY_ATTEMPTS_ROWS_MAX 100000

/* Values of a row, as the log has them, "" where there is none. */
enum key_attempts_value {
	KEY_ATTEMPTS_ACCOUNT, /* the key's; of an unknown key the login's */
	KEY_ATTEMPTS_NAME,
	KEY_ATTEMPTS_RESULT,
	KEY_ATTEMPTS_REASON,
	KEY_ATTEMPTS_LOGIN,
	KEY_ATTEMPTS_MECHANISM,
	KEY_ATTEMPTS_PROTOCOL,
	KEY_ATTEMPTS_REMOTE,
	KEY_ATTEMPTS_KEY,
	KEY_ATTEMPTS_VALUES
};

/*
 * Only those with that key, and only those whose account or login is that; or
 * NULL. With both, it is either. Borrowed.
 */
struct key_attempts *key_attempts_new(const char *key, const char *account);
void key_attempts_free(struct key_attempts **attempts);

/*
 * A line of a log, as key-attempt.h takes it; others are passed over. The
 * context (log-read.h) is the attempts.
 */
void key_attempts_take(void *attempts, const char *line);

/* Was there any at all, wanted or not? */
bool key_attempts_seen(const struct key_attempts *attempts);

/* The latest first, by last, which is the time; valid until the next line. */
const struct tally_row *const *
key_attempts_rows(struct key_attempts *attempts, size_t *count_r);

#endif
