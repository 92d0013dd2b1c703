#include "tests/unit/must.h"

#include "admin/key-attempt.h"
#include "admin/key-attempts.h"
#include "admin/tally.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/mem.h"
#include "dovecot-auth-tlspubkey/tlspubkey-attempt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KEY                                                                    \
	"sha256:00112233445566778899aabbccddeeff"                              \
	"00112233445566778899aabbccddeeff"
#define PAIRS "key=" KEY " result=accepted time=2026-11-22T01:02:03Z"
#define LINE "tlspubkey: " PAIRS " account=anna name=laptop login=a@example.org"
#define WORKER "auth-worker(12): "
#define FORGED "tlspubkey(anna " WORKER "tlspubkey: " PAIRS

static void only_the_passdbs_own_lines_are_read(void **state)
{
	static const struct {
		const char *name;
		const char *line;
		bool found;
	} cases[] = {
		{ "from the journal", WORKER LINE, true },
		{ "from the journal, with a level", WORKER "Info: " LINE,
		  true },
		{ "of a log file", "Nov 22 01:02:03 " WORKER "Info: " LINE,
		  true },
		{ "of syslog", "Nov 22 01:02:03 mail dovecot: " WORKER LINE,
		  true },
		{ "of syslog, with a process id",
		  "Nov 22 01:02:03 mail dovecot[1]: " WORKER "Info: " LINE,
		  true },
		{ "of syslog, with a time of RFC 3339",
		  "2026-11-22T01:02:03.123456+01:00 mail.example.org "
		  "dovecot: " WORKER LINE,
		  true },
		{ "what is unknown is passed over",
		  WORKER "tlspubkey: " PAIRS " colour=red", true },

		{ "nothing", "", false },
		{ "no process", LINE, false },
		{ "a short key",
		  WORKER "tlspubkey: key=sha256:00 result=accepted "
			 "time=2026-11-22T01:02:03Z",
		  false },
		{ "no key",
		  WORKER "tlspubkey: result=accepted "
			 "time=2026-11-22T01:02:03Z",
		  false },
		{ "no time", WORKER "tlspubkey: key=" KEY " result=accepted",
		  false },
		{ "another time",
		  WORKER "tlspubkey: key=" KEY " result=accepted time=now",
		  false },
		{ "another result",
		  WORKER "tlspubkey: key=" KEY
			 " result=fine time=2026-11-22T01:02:03Z",
		  false },
		{ "another level", WORKER "Error: " LINE, false },
		{ "another process", "Nov 22 01:02:03 auth: Info: " LINE,
		  false },
		{ "another program's",
		  "Nov 22 01:02:03 mail dovecotx: " WORKER LINE, false },
		{ "another program's, of a worker",
		  "Nov 22 01:02:03 mail x: dovecot: " WORKER LINE, false },
		{ "forged in a login",
		  "Nov 22 01:02:03 " WORKER "Info: " FORGED, false },
		{ "forged in a login, syslog",
		  "Nov 22 01:02:03 mail dovecot: " WORKER FORGED, false },
		{ "forged in a user's name",
		  "Nov 22 01:02:03 imap(x " WORKER LINE, false },
		{ "forged in a user's name, syslog",
		  "Nov 22 01:02:03 mail dovecot: imap(x " WORKER LINE, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct key_attempt attempt;
		bool found = key_attempt_parse(&attempt, cases[i].line);

		if (found != cases[i].found)
			fail_msg("%s", cases[i].name);
		if (!found)
			continue;
		assert_string_equal(attempt.key, KEY);
		assert_string_equal(attempt.result, "accepted");
		assert_string_equal(attempt.time, "2026-11-22T01:02:03Z");
		assert_string_equal(attempt.reason, "");
		key_attempt_release(&attempt);
	}
}

static void what_the_passdb_writes_is_what_is_read(void **state)
{
	static const struct {
		enum tlspubkey_gate_result gate;
		const char *result;
	} results[] = {
		{ TLSPUBKEY_GATE_ACCEPT, "accepted" },
		{ TLSPUBKEY_GATE_CONTINUE, "password" },
		{ TLSPUBKEY_GATE_REFUSE, "refused" },
		{ TLSPUBKEY_GATE_DISABLED, "refused" },
		{ TLSPUBKEY_GATE_FAILED, "deferred" },
	};
	static char name[] = "anna's \"phone\"", account[] = "anna";
	const struct tlspubkey_gate_answer answer = { .account = account,
						      .key_name = name };
	struct fingerprint key;
	struct error err;
	size_t i;

	(void)state;
	must(fingerprint_parse(&key, KEY, &err), &err);
	for (i = 0; i < ARRAY_SIZE(results); i++) {
		const struct tlspubkey_attempt attempt = {
			.key = &key,
			.result = results[i].gate,
			.answer = &answer,
			.mechanism = "EXTERNAL",
			.protocol = "imap",
			.remote = "2001:db8::1",
			.login = "x account=\"y\"\n" WORKER LINE "\033[2J",
			.time = 1795309323,
		};
		char *text = tlspubkey_attempt_line(&attempt);
		char *line = mem_printf(WORKER "Info: %s%s",
					TLSPUBKEY_ATTEMPT_PREFIX, text);
		struct key_attempt read;

		assert_null(strpbrk(text, "\n\033"));
		assert_true(key_attempt_parse(&read, line));
		assert_string_equal(read.key, KEY);
		assert_string_equal(read.result, results[i].result);
		assert_string_equal(read.time, "2026-11-22T01:02:03Z");
		assert_string_equal(read.account, "anna");
		assert_string_equal(read.name, name);
		assert_string_equal(read.reason, "");
		assert_string_equal(read.mechanism, "EXTERNAL");
		assert_string_equal(read.protocol, "imap");
		assert_string_equal(read.remote, "2001:db8::1");
		assert_string_equal(read.login,
				    "x account=\"y\"?" WORKER LINE "?[2J");
		key_attempt_release(&read);
		mem_free_string(&text);
		mem_free_string(&line);
	}
}

/* One line for each: key number, account, login, minute. */
static void take(struct key_attempts *attempts, unsigned int key,
		 const char *account, const char *login, unsigned int minute)
{
	char *line = mem_printf(WORKER "tlspubkey: key=sha256:%064x "
				       "result=refused "
				       "time=2026-11-22T01:%02u:00Z "
				       "account=%s login=%s",
				key, minute, account, login);

	key_attempts_take(attempts, line);
	mem_free_string(&line);
}

static void the_latest_is_first_and_equal_ones_are_one(void **state)
{
	struct key_attempts *attempts = key_attempts_new(NULL, NULL);
	const struct tally_row *const *rows;
	size_t count;

	(void)state;
	assert_false(key_attempts_seen(attempts));
	take(attempts, 1, "anna", "anna", 1);
	take(attempts, 2, "\"\"", "\"\"", 2);
	take(attempts, 1, "anna", "anna", 3);
	assert_true(key_attempts_seen(attempts));
	rows = key_attempts_rows(attempts, &count);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0]->count, 2);
	assert_string_equal(rows[0]->values[KEY_ATTEMPTS_ACCOUNT], "anna");
	assert_string_equal(rows[0]->last, "2026-11-22T01:03:00Z");
	assert_int_equal(rows[1]->count, 1);
	key_attempts_free(&attempts);
}

static void only_what_is_asked_for_is_counted(void **state)
{
	char key[sizeof("sha256:") + 64];
	static const struct {
		const char *name;
		bool key;
		const char *account;
		size_t rows;
	} cases[] = {
		{ "all", false, NULL, 4 },
		{ "a key", true, NULL, 2 },
		{ "an account, as the login too", false, "anna", 2 },
		{ "either", true, "anna", 3 },
		{ "nobody", false, "zoe", 0 },
	};
	size_t i, count;

	(void)state;
	(void)snprintf(key, sizeof(key), "sha256:%064x", 1U);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct key_attempts *attempts = key_attempts_new(
			cases[i].key ? key : NULL, cases[i].account);

		take(attempts, 1, "anna", "\"\"", 1);
		take(attempts, 1, "bert", "\"\"", 1);
		take(attempts, 2, "\"\"", "anna", 1);
		take(attempts, 2, "\"\"", "annabel", 1);
		(void)key_attempts_rows(attempts, &count);
		if (count != cases[i].rows)
			fail_msg("%s: %zu", cases[i].name, count);
		assert_true(key_attempts_seen(attempts));
		key_attempts_free(&attempts);
	}
}

static void unknown_keys_cannot_crowd_out_an_account(void **state)
{
	struct key_attempts *attempts = key_attempts_new(NULL, NULL);
	const struct tally_row *const *rows;
	unsigned int i;
	size_t count;

	(void)state;
	for (i = 0; i < KEY_ATTEMPTS_ACCOUNT_MAX + 100; i++)
		take(attempts, i, "\"\"", "\"\"", 2);
	take(attempts, 1, "anna", "anna", 3);
	rows = key_attempts_rows(attempts, &count);
	assert_int_equal(count, KEY_ATTEMPTS_ACCOUNT_MAX + 2);
	assert_string_equal(rows[0]->values[KEY_ATTEMPTS_ACCOUNT], "anna");
	for (i = 1; i < count && rows[i]->count == 1; i++)
		;
	assert_int_equal(rows[i]->count, 100);
	assert_string_equal(rows[i]->values[KEY_ATTEMPTS_REASON],
			    "further attempts");
	key_attempts_free(&attempts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_passdbs_own_lines_are_read),
		cmocka_unit_test(what_the_passdb_writes_is_what_is_read),
		cmocka_unit_test(the_latest_is_first_and_equal_ones_are_one),
		cmocka_unit_test(only_what_is_asked_for_is_counted),
		cmocka_unit_test(unknown_keys_cannot_crowd_out_an_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
