#include "tests/fuzz/fuzz.h"

#include "admin/key-attempt.h"
#include "common/fingerprint.h"
#include "common/mem.h"
#include "common/utf8.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"

#include <string.h>

#define TEXT_MAX 512 /* what is longer is cut */

/* A line of the passdb's, behind what a process of that name begins with. */
static bool read_back(struct key_attempt *read_r, const char *process,
		      const struct tlspubkey_attempt *attempt)
{
	char *text = tlspubkey_attempt_line(attempt);
	char *line =
		mem_printf("%s: %s%s", process, TLSPUBKEY_ATTEMPT_PREFIX, text);
	bool found = key_attempt_parse(read_r, line);

	MUST(strchr(text, '\n') == NULL);
	mem_free_string(&text);
	mem_free_string(&line);
	return found;
}

/* Any login, in a line as the passdb does it, is what is read of it. */
static void must_survive_a_line(char *login)
{
	const struct fingerprint key = { .sha256 = { 1 } };
	const struct tlspubkey_gate_answer answer = { .account = login };
	const struct tlspubkey_attempt attempt = {
		.key = &key,
		.result = TLSPUBKEY_GATE_REFUSE,
		.answer = &answer,
		.login = login,
	};
	struct key_attempt read;

	if (strlen(login) > TEXT_MAX)
		return;
	MUST(read_back(&read, "auth-worker(1)", &attempt));
	MUST(strcmp(read.result, "refused") == 0);
	MUST(strcmp(read.time, "1970-01-01T00:00:00Z") == 0);
	MUST(strcmp(read.name, "") == 0);
	utf8_make_printable(login);
	MUST(strcmp(read.account, login) == 0);
	MUST(strcmp(read.login, login) == 0);
	key_attempt_release(&read);
}

/* Nor is a user's name in a process's another process. */
static void must_not_be_a_worker(const char *user)
{
	char *line = mem_printf("Nov 22 01:02:03 imap(%s)<1>: Info: x", user);
	struct key_attempt read;

	MUST(!key_attempt_parse(&read, line));
	mem_free_string(&line);
}

/* The input as what is spooled, as a line of a log, as a login, and as a user's
 * name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct key_attempt attempt;

	if (key_attempt_parse_pairs(&attempt, text)) {
		MUST(strlen(attempt.key) == FINGERPRINT_TEXT_SIZE - 1);
		key_attempt_release(&attempt);
	}
	if (key_attempt_parse(&attempt, text)) {
		MUST(strstr(text, "tlspubkey: ") != NULL);
		MUST(strlen(attempt.key) == FINGERPRINT_TEXT_SIZE - 1);
		key_attempt_release(&attempt);
	}
	must_not_be_a_worker(text);
	must_survive_a_line(text);
	mem_free_string(&text);
	return 0;
}
