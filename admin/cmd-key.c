#include "admin/commands.h"

#include "admin/call.h"
#include "admin/cmd-key.h"
#include "admin/input.h"
#include "admin/key-attempts-fold.h"
#include "admin/key-attempts.h"
#include "admin/kick.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/work.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>

#define LOOKS_AT_ONCE 1000

int cmd_key_options(struct master_key *key, const struct call *call,
		    struct error *err_r)
{
	const char *until = call_option(call, "until");

	key->account = call->argv[0];
	key->login = call_option(call, "login");
	key->no_preauth = call_option(call, "no-preauth") != NULL;
	key->no_bare_submission =
		call_option(call, "no-bare-submission") != NULL;
	key->created = time(NULL);
	if (until != NULL &&
	    date_parse_future_end(&key->until, until, key->created, err_r) < 0)
		return error_prefix(err_r, "--until");
	return 0;
}

/* Keys as they are shown: with when each was last used. */
struct shown {
	struct output *out;
	struct key_attempts *attempts; /* NULL: nobody tried yet */
	size_t looks;
	struct error *err;
	int result;
};

/* Keys are shown also where their uses can't be looked up. */
static void open_attempts(struct shown *shown, const struct call *call)
{
	const char *folder;
	struct error err;
	char *why = NULL;

	if (work_folder(call, &folder, &err) < 0 ||
	    key_attempts_fold(&shown->attempts, folder, &why, &err) < 0)
		why = mem_strdup(err.text);
	if (why != NULL)
		(void)fprintf(stderr,
			      "countersign: warning: when keys were last used "
			      "is not up to date: %s\n",
			      why);
	mem_free_string(&why);
}

/* One lock for many: there may be a million. But what is taken in waits. */
static int look(struct shown *shown, const char *fingerprint, char **last_r)
{
	if (shown->looks % LOOKS_AT_ONCE == 0 &&
	    ((shown->looks > 0 &&
	      key_attempts_commit(shown->attempts, shown->err) < 0) ||
	     key_attempts_begin_reading(shown->attempts, shown->err) < 0))
		return -1;
	shown->looks++;
	return key_attempts_last_use(shown->attempts, fingerprint, last_r,
				     shown->err);
}

static void show_last_use(struct shown *shown, const char *fingerprint)
{
	char *last = NULL;

	if (shown->attempts != NULL && shown->result == 0)
		shown->result = look(shown, fingerprint, &last);
	output_string(shown->out, last);
	mem_free_string(&last);
}

static void show_record(void *context, const struct master_key *key)
{
	static const char *const columns[] = { "fingerprint",
					       "account",
					       "name",
					       "type",
					       "login",
					       "no_preauth",
					       "no_bare_submission",
					       "created",
					       "until",
					       "last_used",
					       NULL };
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	struct shown *shown = context;
	struct output *out = shown->out;

	fingerprint_format(fingerprint, &key->fingerprint);
	output_record(out, columns);
	output_string(out, fingerprint);
	output_string(out, key->account);
	output_string(out, key->name);
	output_string(out, key->type);
	output_string(out, key->login);
	output_bool(out, key->no_preauth);
	output_bool(out, key->no_bare_submission);
	output_time(out, key->created);
	output_end_date(out, key->until);
	show_last_use(shown, fingerprint);
}

static int show_key(struct master *master, const struct call *call,
		    const struct fingerprint *fingerprint, struct error *err_r)
{
	struct shown shown = { .out = call->out, .err = err_r };
	int status;

	open_attempts(&shown, call);
	status =
		master_key_get(master, fingerprint, show_record, &shown, err_r);
	key_attempts_close(&shown.attempts);
	return status < 0 ? status : shown.result;
}

/* Adds it, and shows it as it now stands in the directory. */
static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	const struct master_key *key = context;

	if (master_key_add(master, key, err_r) < 0)
		return -1;
	return show_key(master, call, &key->fingerprint, err_r);
}

static int read_key(struct public_key *key_r, struct error *err_r)
{
	size_t len;
	char *text;
	int result;

	if (input_read(&text, &len, PUBLIC_KEY_INPUT_MAX + 1, err_r) < 0)
		return -1;
	result = public_key_parse(key_r, text, len, err_r);
	/* It may have been a private key. */
	input_wipe(&text, len);
	return result < 0 ? error_prefix(err_r, "standard input") : 0;
}

int cmd_key_add(const struct call *call, struct error *err_r)
{
	struct master_key key = { .name = call_option(call, "name") };
	struct public_key public_key;
	int status;

	if (cmd_key_options(&key, call, err_r) < 0 ||
	    read_key(&public_key, err_r) < 0)
		return -1;
	if (key.name == NULL)
		key.name = public_key.name;
	key.fingerprint = public_key.fingerprint;
	key.type = public_key.type;
	status = work_change(call, add, &key, err_r);
	public_key_release(&public_key);
	return status;
}

static void show_row(void *context, const struct master_key *key)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	struct shown *shown = context;
	struct output *out = shown->out;

	fingerprint_format(fingerprint, &key->fingerprint);
	output_string(out, key->account);
	output_string(out, key->name);
	output_string(out, key->type);
	output_string(out, key->login);
	output_end_date(out, key->until);
	show_last_use(shown, fingerprint);
	output_string(out, fingerprint);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "account",     "name",
					       "type",	      "login",
					       "until",	      "last_used",
					       "fingerprint", NULL };
	struct shown shown = { .out = call->out, .err = err_r };
	int status;

	(void)context;
	open_attempts(&shown, call);
	output_table(call->out, columns);
	status =
		master_key_list(master, call->argv[0], show_row, &shown, err_r);
	key_attempts_close(&shown.attempts);
	return status < 0 ? status : shown.result;
}

int cmd_key_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static int show(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	return show_key(master, call, context, err_r);
}

int cmd_key_show(const struct call *call, struct error *err_r)
{
	struct fingerprint fingerprint;

	if (fingerprint_parse(&fingerprint, call->argv[0], err_r) < 0)
		return -1;
	return work_read(call, show, &fingerprint, err_r);
}

struct removal {
	struct fingerprint fingerprint;
	char *account; /* whose key it was */
};

static void take_account(void *context, const struct master_key *key)
{
	struct removal *removal = context;

	removal->account = mem_strdup(key->account);
}

static int remove_key(struct master *master, const struct call *call,
		      void *context, struct error *err_r)
{
	struct removal *removal = context;

	(void)call;
	if (master_key_get(master, &removal->fingerprint, take_account, removal,
			   err_r) < 0)
		return -1;
	return master_key_remove(master, &removal->fingerprint, err_r);
}

int cmd_key_remove(const struct call *call, struct error *err_r)
{
	struct removal removal = { .account = NULL };
	int status;

	if (fingerprint_parse(&removal.fingerprint, call->argv[0], err_r) < 0 ||
	    kick_check(call, err_r) < 0)
		return -1;
	status = work_change(call, remove_key, &removal, err_r);
	if (status == 0)
		status = kick_account(call, removal.account, err_r);
	mem_free_string(&removal.account);
	return status;
}
