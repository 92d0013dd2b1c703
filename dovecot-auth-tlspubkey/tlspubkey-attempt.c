#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"

#include "common/buffer.h"
#include "common/fingerprint.h"
#include "common/logfmt.h"
#include "common/mem.h"
#include "common/utf8.h"

const char *tlspubkey_attempt_result(enum tlspubkey_gate_result result)
{
	switch (result) {
	case TLSPUBKEY_GATE_ACCEPT:
		return "accepted";
	case TLSPUBKEY_GATE_CONTINUE:
		return "password";
	case TLSPUBKEY_GATE_REFUSE:
	case TLSPUBKEY_GATE_DISABLED:
		return "refused";
	case TLSPUBKEY_GATE_FAILED:
		break;
	}
	return "deferred";
}

bool tlspubkey_attempt_passed(const struct tlspubkey_attempt *attempt)
{
	return attempt->result == TLSPUBKEY_GATE_ACCEPT ||
	       (attempt->result == TLSPUBKEY_GATE_CONTINUE &&
		attempt->answer->key_name != NULL);
}

/* What would begin a line of its own in the log, or steer a terminal, goes. */
static void add(struct buffer *line, const char *name, const char *value)
{
	char *printable;

	if (value == NULL || value[0] == '\0')
		return;
	printable = mem_strdup(value);
	utf8_make_printable(printable);
	logfmt_add(line, name, printable);
	mem_free_string(&printable);
}

char *tlspubkey_attempt_line(const struct tlspubkey_attempt *attempt)
{
	struct buffer line = BUFFER_INIT;
	char key[FINGERPRINT_TEXT_SIZE];
	char when[sizeof("9999-12-31T23:59:59Z")] = "";
	struct tm utc;

	fingerprint_format(key, attempt->key);
	if (gmtime_r(&attempt->time, &utc) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	add(&line, "key", key);
	add(&line, "result", tlspubkey_attempt_result(attempt->result));
	add(&line, "time", when);
	add(&line, "account", attempt->answer->account);
	add(&line, "name", attempt->answer->key_name);
	add(&line, "reason", attempt->answer->reason);
	add(&line, "mechanism", attempt->mechanism);
	add(&line, "protocol", attempt->protocol);
	add(&line, "remote", attempt->remote);
	add(&line, "login", attempt->login);
	return buffer_steal(&line);
}
