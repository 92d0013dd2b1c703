#include "dovecot-auth-tlspubkey/tlspubkey-compat.h"

#include "common/attempt-spool.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"
#include "common/spool.h"
#include "dovecot-auth-tlspubkey/passdb-attempt.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"

#include <stdlib.h>
#include <unistd.h>

struct passdb_spool {
	int fd;		  /* -1 if there is none */
	bool complaining; /* it was said once that it fails */
};

struct passdb_attempt {
	struct event *event;
	char *line; /* NULL: of no key, so that there is none to log */
	bool passed;
	bool by_key; /* accepted, so that Dovecot logs a login with this key */
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

void passdb_spool_close(struct passdb_spool **spool)
{
	if (*spool == NULL)
		return;
	if ((*spool)->fd >= 0)
		(void)close((*spool)->fd);
	free(*spool);
	*spool = NULL;
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

/* True if it will be in "countersign key attempts". */
static bool
append(struct passdb_spool *spool, const struct passdb_attempt *attempt)
{
	size_t max =
		attempt->passed ? SPOOL_OCTETS_MAX : ATTEMPT_SPOOL_REFUSED_MAX;
	struct error err;

	if (spool->fd < 0)
		return false;
	if (spool_append(spool->fd, attempt->line, max, &err) == 0) {
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

void passdb_attempt_note(struct passdb_attempt **attempt,
			 struct passdb_spool *spool)
{
	struct passdb_attempt *of = *attempt;

	if (of == NULL)
		return;
	if (of->line == NULL) {
		e_debug(of->event, "tlspubkey: checked a login without a key");
	} else if (append(spool, of) && of->by_key) {
		/* The log would have it twice, and a line takes it as long as
		 * the look-up. */
		e_debug(of->event, TLSPUBKEY_ATTEMPT_PREFIX "%s", of->line);
	} else {
		/* Whatever auth_verbose says. */
		e_info(of->event, TLSPUBKEY_ATTEMPT_PREFIX "%s", of->line);
	}
	event_unref(&of->event);
	mem_free_string(&of->line);
	free(of);
	*attempt = NULL;
}
