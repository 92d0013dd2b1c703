#include "tests/unit/must.h"

#include "admin/key-attempt.h"
#include "admin/key-attempts.h"
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

static void what_passed_is_the_same_for_both(void **state)
{
	static char name[] = "phone";
	static const struct {
		enum tlspubkey_gate_result gate;
		char *name;
		bool passed;
	} cases[] = {
		{ TLSPUBKEY_GATE_ACCEPT, name, true },
		{ TLSPUBKEY_GATE_CONTINUE, name, true },
		{ TLSPUBKEY_GATE_CONTINUE, NULL, false },
		{ TLSPUBKEY_GATE_REFUSE, name, false },
		{ TLSPUBKEY_GATE_DISABLED, name, false },
		{ TLSPUBKEY_GATE_FAILED, name, false },
	};
	struct fingerprint key;
	struct error err;
	size_t i;

	(void)state;
	must(fingerprint_parse(&key, KEY, &err), &err);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct tlspubkey_gate_answer answer = {
			.key_name = cases[i].name
		};
		const struct tlspubkey_attempt attempt = {
			.key = &key,
			.result = cases[i].gate,
			.answer = &answer,
		};
		char *pairs = tlspubkey_attempt_line(&attempt);
		struct key_attempt read;

		assert_true(key_attempt_parse_pairs(&read, pairs));
		assert_int_equal(tlspubkey_attempt_passed(&attempt),
				 cases[i].passed);
		assert_int_equal(key_attempt_passed(&read), cases[i].passed);
		key_attempt_release(&read);
		mem_free_string(&pairs);
	}
}

/* Attempts in memory; each is added at that minute. */
static void add(struct key_attempts *attempts, unsigned int key,
		const char *account, const char *login, const char *result,
		const char *time)
{
	char *pairs = mem_printf("key=sha256:%064x result=%s time=%s "
				 "account=%s login=%s",
				 key, result, time, account, login);
	struct key_attempt attempt;
	struct error err;

	assert_true(key_attempt_parse_pairs(&attempt, pairs));
	must(key_attempts_add(attempts, &attempt, &err), &err);
	key_attempt_release(&attempt);
	mem_free_string(&pairs);
}

#define AT(minute) "2026-11-22T01:" minute ":00Z"

static struct key_attempts *open_attempts(void)
{
	struct key_attempts *attempts;
	struct error err;

	must(key_attempts_open(&attempts, NULL, &err), &err);
	return attempts;
}

struct listed {
	size_t rows;
	char *text; /* of each row: account, count, first and last minute */
};

static void note(void *context, const struct key_attempts_row *row)
{
	struct listed *listed = context;
	char *before = listed->text;

	listed->rows++;
	if (listed->rows <= 4)
		listed->text =
			mem_printf("%s%s %lld %.2s-%.2s;",
				   before != NULL ? before : "", row->account,
				   row->count, row->first + 14, row->last + 14);
	if (listed->text != before)
		mem_free_string(&before);
}

static size_t list(struct key_attempts *attempts, const char *key,
		   const char *account, const char *expected)
{
	struct listed listed = { .rows = 0 };
	struct error err;

	must(key_attempts_list(attempts, key, account, note, &listed, &err),
	     &err);
	if (expected != NULL)
		assert_string_equal(listed.text, expected);
	mem_free_string(&listed.text);
	return listed.rows;
}

static void the_latest_is_first_and_equal_ones_are_one(void **state)
{
	struct key_attempts *attempts = open_attempts();

	(void)state;
	add(attempts, 1, "anna", "anna", "refused", AT("02"));
	add(attempts, 2, "\"\"", "\"\"", "refused", AT("04"));
	add(attempts, 1, "anna", "anna", "refused", AT("05"));
	add(attempts, 1, "anna", "anna", "refused", AT("01"));
	assert_int_equal(list(attempts, NULL, NULL, "anna 3 01-05; 1 04-04;"),
			 2);
	key_attempts_close(&attempts);
}

static void only_what_is_asked_for_is_listed(void **state)
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
	struct key_attempts *attempts = open_attempts();
	size_t i;

	(void)state;
	(void)snprintf(key, sizeof(key), "sha256:%064x", 1U);
	add(attempts, 1, "anna", "\"\"", "refused", AT("01"));
	add(attempts, 1, "bert", "\"\"", "refused", AT("01"));
	add(attempts, 2, "\"\"", "anna", "refused", AT("01"));
	add(attempts, 2, "\"\"", "annabel", "refused", AT("01"));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t rows = list(attempts, cases[i].key ? key : NULL,
				   cases[i].account, NULL);

		if (rows != cases[i].rows)
			fail_msg("%s: %zu", cases[i].name, rows);
	}
	key_attempts_close(&attempts);
}

static void failures_crowd_out_neither_others_nor_another_account(void **state)
{
	struct key_attempts *attempts = open_attempts();
	struct error err;
	unsigned int i;

	(void)state;
	must(key_attempts_begin(attempts, &err), &err);
	add(attempts, 1, "anna", "anna", "accepted", AT("00"));
	add(attempts, 1, "bert", "bert", "refused", AT("00"));
	add(attempts, 1, "anna", "oldest", "refused", AT("01"));
	for (i = 0; i < KEY_ATTEMPTS_ACCOUNT_MAX; i++)
		add(attempts, i, "anna", "anna", "refused", AT("02"));
	must(key_attempts_prune(attempts, &err), &err);
	must(key_attempts_commit(attempts, &err), &err);
	assert_int_equal(list(attempts, NULL, NULL, NULL),
			 KEY_ATTEMPTS_ACCOUNT_MAX + 2);
	assert_int_equal(list(attempts, NULL, "oldest", NULL), 0);
	assert_int_equal(list(attempts, NULL, "bert", NULL), 1);
	key_attempts_close(&attempts);
}

static void
what_is_older_than_thirty_days_goes_and_the_last_use_stays(void **state)
{
	struct key_attempts *attempts = open_attempts();
	const time_t day = (time_t)24 * 3600;
	char key[sizeof("sha256:") + 64], *last;
	time_t begin = 1795309200; /* 2026-11-22T01:00:00Z */
	struct error err;

	(void)state;
	(void)snprintf(key, sizeof(key), "sha256:%064x", 1U);
	add(attempts, 1, "anna", "anna", "accepted", AT("00"));
	must(key_attempts_forget_older(attempts, begin + 30 * day, &err), &err);
	assert_int_equal(list(attempts, NULL, NULL, NULL), 1);
	must(key_attempts_forget_older(attempts, begin + 30 * day + 1, &err),
	     &err);
	assert_int_equal(list(attempts, NULL, NULL, NULL), 0);
	must(key_attempts_last_use(attempts, key, &last, &err), &err);
	assert_string_equal(last, AT("00"));
	mem_free_string(&last);
	key_attempts_close(&attempts);
}

static void only_what_passed_is_a_use(void **state)
{
	struct key_attempts *attempts = open_attempts();
	char key[sizeof("sha256:") + 64], *last;
	struct error err;

	(void)state;
	(void)snprintf(key, sizeof(key), "sha256:%064x", 1U);
	add(attempts, 1, "anna", "anna", "refused", AT("09"));
	add(attempts, 1, "anna", "anna", "password", AT("09"));
	must(key_attempts_last_use(attempts, key, &last, &err), &err);
	assert_null(last);
	add(attempts, 1, "anna", "anna", "accepted", AT("05"));
	add(attempts, 1, "anna", "anna", "accepted", AT("03"));
	must(key_attempts_last_use(attempts, key, &last, &err), &err);
	assert_string_equal(last, AT("05"));
	mem_free_string(&last);
	key_attempts_close(&attempts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_passdbs_own_lines_are_read),
		cmocka_unit_test(what_the_passdb_writes_is_what_is_read),
		cmocka_unit_test(what_passed_is_the_same_for_both),
		cmocka_unit_test(the_latest_is_first_and_equal_ones_are_one),
		cmocka_unit_test(only_what_is_asked_for_is_listed),
		cmocka_unit_test(
			failures_crowd_out_neither_others_nor_another_account),
		cmocka_unit_test(
			what_is_older_than_thirty_days_goes_and_the_last_use_stays),
		cmocka_unit_test(only_what_passed_is_a_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
