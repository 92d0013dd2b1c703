#include "admin/commands.h"

#include "admin/call.h"
#include "admin/key-attempt.h"
#include "admin/key-attempts-fold.h"
#include "admin/key-attempts.h"
#include "admin/log-read.h"
#include "admin/output.h"
#include "admin/work.h"
#include "common/account-name.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

/* Rows beyond what is kept are held so long in memory. */
#define LOG_ATTEMPTS_MAX 100000

struct log_taken {
	struct key_attempts *attempts;
	unsigned long count;
	struct error *err;
	int result;
};

static void take_line(void *context, const char *line)
{
	struct log_taken *taken = context;
	struct key_attempt attempt;

	if (taken->result < 0 || !key_attempt_parse(&attempt, line))
		return;
	taken->result = key_attempts_add(taken->attempts, &attempt, taken->err);
	if (taken->result == 0 && ++taken->count % LOG_ATTEMPTS_MAX == 0)
		taken->result = key_attempts_prune(taken->attempts, taken->err);
	key_attempt_release(&attempt);
}

static int read_log(struct key_attempts **attempts_r, const char *path,
		    struct error *err_r)
{
	struct log_taken taken = { .err = err_r };

	if (key_attempts_open(attempts_r, NULL, err_r) < 0)
		return -1;
	taken.attempts = *attempts_r;
	if (log_read_file(path, take_line, &taken, err_r) < 0 ||
	    taken.result < 0)
		return -1;
	/* Not to be taken for "nobody tried". */
	if (taken.count == 0)
		return error_set_as(
			err_r, EX_NOINPUT,
			"no login with a key is logged there: either none was "
			"refused or left to a password, or Dovecot does not "
			"use dovecot-auth-tlspubkey(7), or it logs elsewhere "
			"(\"doveadm log find\")");
	return key_attempts_prune(*attempts_r, err_r);
}

static int read_spool(struct key_attempts **attempts_r, const struct call *call,
		      struct error *err_r)
{
	const char *folder;
	char *why = NULL;
	int found;

	if (work_folder(call, &folder, err_r) < 0)
		return -1;
	found = key_attempts_fold(attempts_r, folder, &why, err_r);
	if (found == 0 && call_option(call, "fold") == NULL)
		return error_set_as(
			err_r, EX_NOINPUT,
			"%s: no attempts: either nobody has tried to log in "
			"yet, or Dovecot does not use "
			"dovecot-auth-tlspubkey(7) with this directory",
			folder);
	/* Older ones are no answer to whom the newest matter. */
	if (why != NULL)
		found = error_set_as(err_r, EX_TEMPFAIL,
				     "the latest attempts can't be taken in: "
				     "%s",
				     why);
	mem_free_string(&why);
	return found < 0 ? -1 : 0;
}

static void show_row(void *context, const struct key_attempts_row *row)
{
	const char *const texts[] = { row->account,  row->name,
				      row->result,   row->reason,
				      row->login,    row->mechanism,
				      row->protocol, row->remote,
				      row->key };
	struct output *out = context;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		output_string(out, texts[i][0] != '\0' ? texts[i] : NULL);
	output_number(out, row->count);
	output_string(out, row->first);
	output_string(out, row->last);
}

static int show(struct key_attempts *attempts, const struct call *call,
		const char *key, const char *account, struct error *err_r)
{
	static const char *const columns[] = {
		"account",   "name",	 "result", "reason", "login",
		"mechanism", "protocol", "remote", "key",    "count",
		"first",     "last",	 NULL
	};

	output_table(call->out, columns);
	return key_attempts_list(attempts, key, account, show_row, call->out,
				 err_r);
}

/* What may be both is both: 64 digits are an account's name too. */
static int parse_wanted(const char *text, bool *is_key_r,
			char key_r[FINGERPRINT_TEXT_SIZE], char **account_r,
			struct error *err_r)
{
	struct fingerprint fingerprint;

	*is_key_r = fingerprint_parse(&fingerprint, text, NULL) == 0;
	if (*is_key_r)
		fingerprint_format(key_r, &fingerprint);
	return account_name_parse(account_r, text, err_r) < 0 && !*is_key_r ? -1
									    : 0;
}

static int check_options(const struct call *call, struct error *err_r)
{
	if (call_option(call, "fold") != NULL &&
	    (call->argc > 0 || call_option(call, "log") != NULL))
		return error_set_as(err_r, EX_USAGE,
				    "--fold shows nothing, so it stands alone");
	return 0;
}

int cmd_key_attempts(const struct call *call, struct error *err_r)
{
	const char *log = call_option(call, "log");
	struct key_attempts *attempts = NULL;
	char key[FINGERPRINT_TEXT_SIZE];
	char *account = NULL;
	bool is_key = false;
	int status;

	if (check_options(call, err_r) < 0 ||
	    (call->argc > 0 &&
	     parse_wanted(call->argv[0], &is_key, key, &account, err_r) < 0))
		return -1;
	if (log != NULL)
		status = read_log(&attempts, log, err_r);
	else
		status = read_spool(&attempts, call, err_r);
	if (status == 0 && call_option(call, "fold") == NULL)
		status = show(attempts, call, is_key ? key : NULL, account,
			      err_r);
	key_attempts_close(&attempts);
	mem_free_string(&account);
	return status;
}
