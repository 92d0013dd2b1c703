#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "ioloop.h"

#include "common/attempt-spool.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"
#include "common/spool.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"

#include <stdlib.h>
#include <unistd.h>

/* Of a busy worker many are written at once; a killed one loses so many. */
#define WAITING_MAX 64
#define WAITING_MSECS 50

struct passdb_attempt {
	struct event *event;
	char *line; /* NULL: of no key, so that there is none to log */
	bool passed;
	bool by_key; /* accepted, so that Dovecot logs a login with this key */
};

struct passdb_spool {
	int fd;		  /* -1 if there is none */
	bool complaining; /* it was said once that it fails */
	struct passdb_attempt *waiting[WAITING_MAX]; /* to be written */
	size_t count;
	struct timeout *to_write;
};

struct passdb_spool *passdb_spool_open(const char *directory)
{
	struct passdb_spool *spool = mem_alloc(sizeof(*spool));
	char *path = attempt_spool_path(directory);
	struct error err;

	if (spool_open(&spool->fd, path, &err) < 0)
		i_warning("passdb tlspubkey: \"countersign key attempts\" will "
			  "know nothing of this process: %s",
			  err.text);
	mem_free_string(&path);
	return spool;
}

static void add(struct event *event, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		event_add_str(event, name, value);
}

/*
 * Not a child of the request's event, whose log prefix the client has a say in.
 */
static struct event *event_of(const struct tlspubkey_attempt *attempt)
{
	struct event *event = event_create(NULL);
	char key[FINGERPRINT_TEXT_SIZE] = "";

	if (attempt->key != NULL)
		fingerprint_format(key, attempt->key);
	event_add_category(event, &event_category_auth);
	event_set_name(event, PASSDB_ATTEMPT_EVENT);
	add(event, "result", tlspubkey_attempt_result(attempt->result));
	add(event, "reason", attempt->answer->reason);
	add(event, "key", key);
	add(event, "key_name", attempt->answer->key_name);
	add(event, "user", attempt->answer->account);
	add(event, "login", attempt->login);
	add(event, "mechanism", attempt->mechanism);
	add(event, "protocol", attempt->protocol);
	add(event, "remote_ip", attempt->remote);
	return event;
}

struct passdb_attempt *
passdb_attempt_new(const struct tlspubkey_attempt *attempt)
{
	struct passdb_attempt *new = mem_alloc(sizeof(*new));

	new->event = event_of(attempt);
	new->passed = tlspubkey_attempt_passed(attempt);
	new->by_key = attempt->result == TLSPUBKEY_GATE_ACCEPT;
	if (attempt->key != NULL)
		new->line = tlspubkey_attempt_line(attempt);
	return new;
}

static void attempt_free(struct passdb_attempt **attempt)
{
	event_unref(&(*attempt)->event);
	mem_free_string(&(*attempt)->line);
	free(*attempt);
	*attempt = NULL;
}

/*
 * Whatever auth_verbose says; but what Dovecot logs by itself, and the spool
 * has, would be there twice, and a line takes the log as long as the look-up.
 */
static void log_attempt(const struct passdb_attempt *attempt, bool spooled)
{
	if (attempt->line == NULL)
		e_debug(attempt->event,
			"tlspubkey: checked a login without a key");
	else if (attempt->by_key && spooled)
		e_debug(attempt->event, TLSPUBKEY_ATTEMPT_PREFIX "%s",
			attempt->line);
	else
		e_info(attempt->event, TLSPUBKEY_ATTEMPT_PREFIX "%s",
		       attempt->line);
}

/* Those that passed, or those that did not: each has its room in the spool. */
static bool write_waiting(struct passdb_spool *spool, bool passed)
{
	const char *lines[WAITING_MAX];
	struct error err;
	size_t i, count = 0;

	for (i = 0; i < spool->count; i++) {
		if (spool->waiting[i]->passed == passed)
			lines[count++] = spool->waiting[i]->line;
	}
	if (count == 0)
		return true;
	if (spool_append_lines(spool->fd, lines, count,
			       passed ? SPOOL_OCTETS_MAX
				      : ATTEMPT_SPOOL_REFUSED_MAX,
			       &err) == 0) {
		spool->complaining = false;
		return true;
	}
	if (!spool->complaining)
		i_warning("passdb tlspubkey: \"countersign key attempts\" will "
			  "miss logins: %s",
			  err.text);
	spool->complaining = true;
	return false;
}

static void write_all(struct passdb_spool *spool)
{
	bool spooled[] = { write_waiting(spool, false),
			   write_waiting(spool, true) };
	size_t i;

	timeout_remove(&spool->to_write);
	for (i = 0; i < spool->count; i++) {
		log_attempt(spool->waiting[i],
			    spooled[spool->waiting[i]->passed]);
		attempt_free(&spool->waiting[i]);
	}
	spool->count = 0;
}

void passdb_attempt_note(struct passdb_attempt **attempt,
			 struct passdb_spool *spool)
{
	if (*attempt == NULL)
		return;
	if ((*attempt)->line == NULL || spool->fd < 0) {
		log_attempt(*attempt, false);
		attempt_free(attempt);
		return;
	}
	spool->waiting[spool->count++] = *attempt;
	*attempt = NULL;
	if (spool->count == WAITING_MAX)
		write_all(spool);
	else if (spool->to_write == NULL)
		spool->to_write =
			timeout_add_short(WAITING_MSECS, write_all, spool);
}

void passdb_spool_close(struct passdb_spool **spool)
{
	if (*spool == NULL)
		return;
	write_all(*spool);
	if ((*spool)->fd >= 0)
		(void)close((*spool)->fd);
	free(*spool);
	*spool = NULL;
}
