#include "admin/commands.h"

#include "admin/call.h"
#include "admin/duration.h"
#include "admin/files.h"
#include "admin/lock.h"
#include "admin/output.h"
#include "admin/secret-rotation.h"
#include "admin/setup.h"
#include "admin/spawn.h"
#include "common/error.h"
#include "common/login-secret.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

static const struct kind {
	const char *name;
	const char *path;
	const char *beside;
	time_t delay; /* until a new one signs, unless it is said */
} kinds[] = {
	{ "local", LOGIN_SECRET_LOCAL, LOGIN_SECRET_LOCAL ".new",
	  LOGIN_SECRET_DELAY },
	{ "forward", LOGIN_SECRET_FORWARD, LOGIN_SECRET_FORWARD ".new",
	  DURATION_HOUR },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const columns[] = { "secret", "id",	  "state",
				       "since",	 "until", NULL };

static const char *
state_of(const struct login_secrets *secrets, size_t i, time_t now)
{
	const struct login_secret *secret = &secrets->secret[i];

	if (secret == login_secrets_signing(secrets, now))
		return "signs";
	if (secret->since > now)
		return "next";
	return login_secrets_accepted(secrets, secret->id, now) != NULL
		       ? "accepted"
		       : "ended";
}

static void show(struct output *out, const struct kind *kind,
		 const struct login_secrets *secrets)
{
	const time_t now = time(NULL);
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		output_string(out, kind->name);
		output_string(out, secrets->secret[i].id);
		output_string(out, state_of(secrets, i, now));
		output_time(out, secrets->secret[i].since);
		output_time(out, login_secrets_end(secrets, i));
	}
}

int cmd_secret_list(const struct call *call, struct error *err_r)
{
	size_t i;

	output_table(call->out, columns);
	for (i = 0; i < KINDS; i++) {
		struct login_secrets secrets;

		if (login_secrets_load(&secrets, kinds[i].path, err_r) < 0)
			return -1;
		show(call->out, &kinds[i], &secrets);
		login_secrets_wipe(&secrets);
	}
	return 0;
}

static const struct kind *kind_of(const char *name, struct error *err_r)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	(void)error_set_as(err_r, EX_USAGE,
			   "\"%s\": there are local, of this host, and "
			   "forward, of proxies and backends",
			   name);
	return NULL;
}

static int find_delay(time_t *delay_r, const struct call *call,
		      const struct kind *kind, struct error *err_r)
{
	const char *text = call_option(call, "in");

	*delay_r = kind->delay;
	if (text == NULL)
		return 0;
	if (call_option(call, "at-once") != NULL)
		return error_set_as(err_r, EX_USAGE,
				    "--in and --at-once can't both be meant");
	if (duration_parse(delay_r, text, 1, err_r) < 0)
		return -1;
	if (*delay_r >= LOGIN_SECRET_DELAY && *delay_r <= DURATION_WEEK)
		return 0;
	return error_set_as(err_r, EX_USAGE,
			    "--in %s: must be from %dm, for who checks must "
			    "know a secret before anybody signs with it, to 1w",
			    text, LOGIN_SECRET_DELAY / 60);
}

static int make_text(char text_r[SECRET_ROTATION_SIZE], const struct kind *kind,
		     time_t delay, bool at_once, struct error *err_r)
{
	unsigned char key[LOGIN_SECRET_SIZE];
	struct login_secrets secrets = { .count = 0 };
	const time_t now = time(NULL);
	int result = 0;

	if (RAND_bytes(key, sizeof(key)) != 1)
		return error_set_as(err_r, EX_OSERR,
				    "OpenSSL has no random numbers");
	if (at_once)
		secret_rotation_alone(text_r, key);
	else if (login_secrets_load(&secrets, kind->path, err_r) < 0)
		result = -1;
	else
		result = secret_rotation_add(text_r, &secrets, key, now + delay,
					     now, err_r);
	OPENSSL_cleanse(key, sizeof(key));
	login_secrets_wipe(&secrets);
	return result;
}

static int write_new(const struct kind *kind, time_t delay, bool at_once,
		     struct error *err_r)
{
	char text[SECRET_ROTATION_SIZE];
	int result = make_text(text, kind, delay, at_once, err_r);

	if (result == 0)
		result = files_remove(kind->beside, err_r);
	if (result == 0)
		result = files_write(kind->beside, text, strlen(text), err_r);
	if (result == 0)
		result = files_rename(kind->beside, kind->path, err_r);
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}

/* Dovecot reads the file when it starts. */
static int reload(bool *runs_r, struct error *err_r)
{
	*runs_r = access(setup_dovecot.status[0], X_OK) == 0 &&
		  spawn_test(setup_dovecot.status);
	if (!*runs_r || spawn_run(setup_dovecot.reload, NULL, err_r) == 0)
		return 0;
	return error_prefix(err_r, "the new secret is written, but logins with "
				   "a key fail once it signs, unless Dovecot "
				   "is reloaded before (doveadm reload)");
}

static void say(const struct call *call, const struct kind *kind,
		const struct login_secrets *secrets, bool dovecot_runs)
{
	FILE *out = output_file(call->out);
	const struct login_secret *last = &secrets->secret[secrets->count - 1];
	char date[DATE_TEXT_SIZE];

	date_format(date, last->since);
	if (last->since == 0)
		(void)fprintf(out, "%s signs at once, and no other is good.\n",
			      last->id);
	else
		(void)fprintf(out, "%s signs from %s on.\n", last->id, date);
	(void)fprintf(out, dovecot_runs ? "Dovecot is reloaded.\n"
					: "Dovecot does not run here.\n");
	if (strcmp(kind->name, "forward") == 0)
		(void)fprintf(out,
			      "Before that copy %s to the other proxies and "
			      "backends,\nowner root and mode 0600, and there "
			      "run: doveadm reload\n",
			      kind->path);
}

static int answer(const struct call *call, const struct kind *kind,
		  bool dovecot_runs, struct error *err_r)
{
	struct login_secrets secrets;

	if (login_secrets_load(&secrets, kind->path, err_r) < 0)
		return -1;
	if (output_is_json(call->out)) {
		output_table(call->out, columns);
		show(call->out, kind, &secrets);
	} else {
		say(call, kind, &secrets, dovecot_runs);
	}
	login_secrets_wipe(&secrets);
	return 0;
}

int cmd_secret_rotate(const struct call *call, struct error *err_r)
{
	const struct kind *kind = kind_of(call->argv[0], err_r);
	bool at_once = call_option(call, "at-once") != NULL;
	bool dovecot_runs;
	int lock = -1, result = -1;
	time_t delay;

	if (kind == NULL || find_delay(&delay, call, kind, err_r) < 0 ||
	    lock_take(&lock, LOGIN_SECRET_FOLDER, err_r) < 0)
		return -1;
	if (write_new(kind, delay, at_once, err_r) == 0 &&
	    reload(&dovecot_runs, err_r) == 0)
		result = answer(call, kind, dovecot_runs, err_r);
	lock_release(&lock);
	return result;
}
