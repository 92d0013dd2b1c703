#include "admin/key-attempt.h"

#include "admin/log-line.h"

#include <stddef.h>
#include <string.h>

static const struct log_member members[] = {
	{ "key", offsetof(struct key_attempt, key) },
	{ "result", offsetof(struct key_attempt, result) },
	{ "time", offsetof(struct key_attempt, time) },
	{ "account", offsetof(struct key_attempt, account) },
	{ "name", offsetof(struct key_attempt, name) },
	{ "reason", offsetof(struct key_attempt, reason) },
	{ "mechanism", offsetof(struct key_attempt, mechanism) },
	{ "protocol", offsetof(struct key_attempt, protocol) },
	{ "remote", offsetof(struct key_attempt, remote) },
	{ "login", offsetof(struct key_attempt, login) },
	{ .name = NULL },
};

/*
 * What the passdb wrote in an auth worker: behind syslog's tag, if there is
 * one, the worker's name and, in a file, the level. Another process's name may
 * have a user's in it.
 */
static const char *pairs_of(const char *line)
{
	const char *text = log_line_behind(line, "dovecot");

	text = log_line_behind(text != NULL ? text : line, "auth-worker");
	if (text == NULL)
		return NULL;
	(void)log_line_skip(&text, "Info: ");
	return log_line_skip(&text, "tlspubkey: ") ? text : NULL;
}

static bool is_key(const char *value)
{
	return log_line_skip(&value, "sha256:") && strlen(value) == 64 &&
	       value[strspn(value, "0123456789abcdef")] == '\0';
}

/* Compared as text, so each has the form of all others. */
static bool is_time(const char *value)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	size_t i;

	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == '0' ? value[i] < '0' || value[i] > '9'
				   : value[i] != form[i])
			return false;
	}
	return value[i] == '\0';
}

static bool is_result(const char *value)
{
	static const char *const words[] = { "accepted", "password", "refused",
					     "deferred" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

bool key_attempt_parse_pairs(struct key_attempt *attempt_r, const char *pairs)
{
	log_members_read(attempt_r, members, pairs);
	if (is_key(attempt_r->key) && is_result(attempt_r->result) &&
	    is_time(attempt_r->time))
		return true;
	key_attempt_release(attempt_r);
	return false;
}

bool key_attempt_parse(struct key_attempt *attempt_r, const char *line)
{
	const char *pairs = pairs_of(line);

	return pairs != NULL && key_attempt_parse_pairs(attempt_r, pairs);
}

bool key_attempt_passed(const struct key_attempt *attempt)
{
	if (strcmp(attempt->result, "accepted") == 0)
		return true;
	/* Only the directory gives a key its name. */
	return strcmp(attempt->result, "password") == 0 &&
	       attempt->name[0] != '\0';
}

void key_attempt_release(struct key_attempt *attempt)
{
	log_members_release(attempt, members);
}
