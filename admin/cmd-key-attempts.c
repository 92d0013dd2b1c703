#include "admin/commands.h"

#include "admin/call.h"
#include "admin/key-attempts.h"
#include "admin/log-read.h"
#include "admin/output.h"
#include "admin/tally.h"
#include "common/account-name.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"

#include <sysexits.h>

static void show_rows(struct output *out, struct key_attempts *attempts)
{
	static const char *const columns[] = {
		"account",  "name",   "result", "reason", "login", "mechanism",
		"protocol", "remote", "key",	"count",  "last",  NULL
	};
	const struct tally_row *const *rows;
	size_t count;

	rows = key_attempts_rows(attempts, &count);
	output_table(out, columns);
	tally_show(out, rows, count);
}

static int read_log(struct key_attempts *attempts, const struct call *call,
		    struct error *err_r)
{
	const char *path = call_option(call, "log");

	if (path != NULL)
		return log_read_file(path, key_attempts_take, attempts, err_r);
	return log_read_journal("dovecot", call_option(call, "since"),
				key_attempts_take, attempts, err_r);
}

static int report(struct key_attempts *attempts, const struct call *call,
		  struct error *err_r)
{
	if (read_log(attempts, call, err_r) < 0)
		return -1;
	/* Not to be taken for "nobody tried". */
	if (!key_attempts_seen(attempts))
		return error_set_as(
			err_r, EX_NOINPUT,
			"no login with a key is logged there: either there was "
			"none, or Dovecot does not use "
			"dovecot-auth-tlspubkey(7), or it logs elsewhere "
			"(\"doveadm log find\"; --log), or you may not read "
			"that log");
	show_rows(call->out, attempts);
	return 0;
}

int cmd_key_attempts(const struct call *call, struct error *err_r)
{
	char key[FINGERPRINT_TEXT_SIZE];
	struct key_attempts *attempts;
	struct fingerprint fingerprint;
	char *account = NULL;
	bool is_key = false;
	int status;

	if (call_option(call, "log") != NULL &&
	    call_option(call, "since") != NULL)
		return error_set_as(err_r, EX_USAGE,
				    "--since is for the journal: what stands "
				    "in a FILE is taken whole");
	/* What may be both is both: 64 digits are an account's name too. */
	if (call->argc > 0) {
		is_key = fingerprint_parse(&fingerprint, call->argv[0], NULL) ==
			 0;
		if (account_name_parse(&account, call->argv[0], err_r) < 0 &&
		    !is_key)
			return -1;
	}
	if (is_key)
		fingerprint_format(key, &fingerprint);
	attempts = key_attempts_new(is_key ? key : NULL, account);
	status = report(attempts, call, err_r);
	key_attempts_free(&attempts);
	mem_free_string(&account);
	return status;
}
