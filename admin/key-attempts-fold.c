#include "admin/key-attempts-fold.h"

#include "admin/key-attempt.h"
#include "admin/key-attempts.h"
#include "common/attempt-spool.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/spool.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct folding {
	struct key_attempts *attempts;
	char now[DATE_TEXT_SIZE];
	struct error *err;
	int result;
};

static void take(void *context, const char *text)
{
	struct folding *folding = context;
	struct key_attempt attempt;

	if (folding->result < 0 || !key_attempt_parse_pairs(&attempt, text))
		return;
	/* Of a clock that was wrong: it would be the last one for long. */
	if (strcmp(attempt.time, folding->now) > 0) {
		mem_free_string(&attempt.time);
		attempt.time = mem_strdup(folding->now);
	}
	folding->result =
		key_attempts_add(folding->attempts, &attempt, folding->err);
	key_attempt_release(&attempt);
}

static bool moved(const struct spool_place *from, const struct spool_place *to)
{
	return from->inode != to->inode || from->offset != to->offset;
}

/* What was taken, and how far, in one transaction. */
static int
take_in(struct key_attempts *attempts, const char *path, struct error *err_r)
{
	struct folding folding = { .attempts = attempts, .err = err_r };
	struct spool_place place, before;
	time_t now = time(NULL);

	date_format(folding.now, now);
	if (key_attempts_get_place(attempts, &place, err_r) < 0)
		return -1;
	before = place;
	if (spool_read(path, &place, take, &folding, err_r) < 0 ||
	    folding.result < 0 ||
	    key_attempts_forget_older(attempts, now, err_r) < 0)
		return -1;
	/* A transaction that changes nothing waits for no disk. */
	if (!moved(&before, &place))
		return 0;
	return key_attempts_set_place(attempts, &place, err_r) < 0
		       ? -1
		       : key_attempts_prune(attempts, err_r);
}

/* Only what is committed, and no other command has moved on from. */
static int
clear(struct key_attempts *attempts, const char *path, struct error *err_r)
{
	struct spool_place place, before;

	if (key_attempts_get_place(attempts, &place, err_r) < 0)
		return -1;
	before = place;
	if (spool_clear(path, &place, err_r) < 0)
		return -1;
	return moved(&before, &place)
		       ? key_attempts_set_place(attempts, &place, err_r)
		       : 0;
}

static int change(struct key_attempts *attempts, const char *path,
		  int (*step)(struct key_attempts *attempts, const char *path,
			      struct error *err_r),
		  struct error *err_r)
{
	if (key_attempts_begin(attempts, err_r) < 0)
		return -1;
	if (step(attempts, path, err_r) == 0 &&
	    key_attempts_commit(attempts, err_r) == 0)
		return 0;
	key_attempts_rollback(attempts);
	return -1;
}

int key_attempts_fold(struct key_attempts **attempts_r, const char *folder,
		      char **why_r, struct error *err_r)
{
	char *path = mem_printf("%s/" KEY_ATTEMPTS_FILE, folder);
	char *spool = mem_printf("%s/" ATTEMPT_SPOOL_FILE, folder);
	struct error why;
	int result = 1;

	*attempts_r = NULL;
	*why_r = NULL;
	if (access(path, F_OK) < 0 && errno == ENOENT &&
	    access(spool, F_OK) < 0 && errno == ENOENT)
		result = 0;
	else if (key_attempts_open(attempts_r, path, err_r) < 0)
		result = -1;
	else if (change(*attempts_r, spool, take_in, &why) < 0 ||
		 change(*attempts_r, spool, clear, &why) < 0)
		*why_r = mem_strdup(why.text);
	mem_free_string(&spool);
	mem_free_string(&path);
	return result;
}
