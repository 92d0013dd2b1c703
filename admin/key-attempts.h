#ifndef ADMIN_KEY_ATTEMPTS_H
#define ADMIN_KEY_ATTEMPTS_H

#include <stdbool.h>
#include <time.h>

struct error;
struct key_attempt;
struct spool_place;

/*
 * Logins with a key, summed up: equal ones are one row, with the first, the
 * last, and how many there were. Kept in FOLDER/KEY_ATTEMPTS_FILE, apart from
 * the directory; should it be lost, that is history and no key.
 */
struct key_attempts;

#define KEY_ATTEMPTS_FILE "attempts.db"

/* What is older, or more, goes. */
#define KEY_ATTEMPTS_DAYS 30
#define KEY_ATTEMPTS_ACCOUNT_MAX 10000 /* that failed, and as many others */
#define KEY_ATTEMPTS_ROWS_MAX 1000000

/* "" where there is none. Valid within the call. */
struct key_attempts_row {
	const char *account; /* the key's; of an unknown key the login's */
	const char *name;
	const char *result;
	const char *reason;
	const char *login;
	const char *mechanism;
	const char *protocol;
	const char *remote;
	const char *key;
	long long count;
	const char *first;
	const char *last;
};

/* Made if it is not there; path NULL: in memory. */
int key_attempts_open(struct key_attempts **attempts_r, const char *path,
		      struct error *err_r);
void key_attempts_close(struct key_attempts **attempts);

/* One change, with all that is done until it is committed; one at a time. */
int key_attempts_begin(struct key_attempts *attempts, struct error *err_r);
/* Look-ups alone, of which each takes no lock then; changes wait meanwhile. */
int key_attempts_begin_reading(struct key_attempts *attempts,
			       struct error *err_r);
int key_attempts_commit(struct key_attempts *attempts, struct error *err_r);
void key_attempts_rollback(struct key_attempts *attempts);

int key_attempts_add(struct key_attempts *attempts,
		     const struct key_attempt *attempt, struct error *err_r);

/* What is older goes. Of little cost if there is none. */
int key_attempts_forget_older(struct key_attempts *attempts, time_t now,
			      struct error *err_r);

/* What is more goes. Reads them all. */
int key_attempts_prune(struct key_attempts *attempts, struct error *err_r);

/* How far the spool was taken in. */
int key_attempts_get_place(struct key_attempts *attempts,
			   struct spool_place *place_r, struct error *err_r);
int key_attempts_set_place(struct key_attempts *attempts,
			   const struct spool_place *place,
			   struct error *err_r);

/*
 * The latest first: those with that key, or whose account or login is that;
 * each may be NULL, and all are given if both are.
 */
int key_attempts_list(struct key_attempts *attempts, const char *key,
		      const char *account,
		      void (*each)(void *context,
				   const struct key_attempts_row *row),
		      void *context, struct error *err_r);

/*
 * When a client last presented that key and was not refused: the caller's, or
 * NULL if it never was. Not forgotten with the attempts.
 */
int key_attempts_last_use(struct key_attempts *attempts, const char *key,
			  char **last_r, struct error *err_r);

#endif
