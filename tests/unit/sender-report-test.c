#include "tests/unit/must.h"

#include "admin/log-read.h"
#include "admin/sender-log.h"
#include "admin/sender-report.h"
#include "admin/tally.h"
#include "common/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REJECT                                                                 \
	"queue_id=4X verdict=reject mode=report account=anna login=anna "      \
	"field=From address=bert@example.org reason=\"not granted\" "          \
	"mail_from=anna@example.org from=bert@example.org"
#define DEFER "queue_id=4Y verdict=defer mode=enforce login=anna reason=gone"

static void only_the_filters_own_lines_are_read(void **state)
{
	static const struct {
		const char *name;
		const char *line;
		const char *queue_id; /* NULL: it is none */
	} cases[] = {
		{ "from the journal", REJECT, "4X" },
		{ "from the journal, a warning", "warning: " DEFER, "4Y" },
		{ "on standard error", "milter-sender-check: " REJECT, "4X" },
		{ "of syslog",
		  "Nov 22 01:02:03 mail milter-sender-check[12]: " REJECT,
		  "4X" },
		{ "of syslog, with a time of RFC 3339",
		  "2026-11-22T01:02:03.123456+01:00 mail.example.org "
		  "milter-sender-check[12]: warning: " DEFER,
		  "4Y" },
		{ "what is unknown is passed over",
		  "queue_id=1 verdict=reject mode=report colour=red", "1" },
		{ "cut short",
		  "queue_id=1 verdict=reject mode=report "
		  "account=anna reason=\"octet 3",
		  "1" },

		{ "nothing", "", NULL },
		{ "no verdict", "queue_id=1 mode=report account=anna", NULL },
		{ "no mode", "queue_id=1 verdict=reject account=anna", NULL },
		{ "another verdict", "queue_id=1 verdict=signed mode=report",
		  NULL },
		{ "another mode", "queue_id=1 verdict=reject mode=x", NULL },
		{ "about something else",
		  "milter-sender-check: reloaded /etc/countersign/x", NULL },
		{ "another program's",
		  "Nov 22 01:02:03 mail milter-dkim[12]: " REJECT, NULL },
		{ "a name that begins alike",
		  "Nov 22 01:02:03 mail milter-sender-checker: " REJECT, NULL },
		{ "forged in another program's line",
		  "Nov 22 01:02:03 mail postfix/cleanup[1]: 4X: "
		  "milter-sender-check[12]: " REJECT,
		  NULL },
		{ "forged in what the filter quotes",
		  "milter-sender-check: x=\"milter-sender-check: " REJECT,
		  NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sender_log log;
		bool found = sender_log_parse(&log, cases[i].line);

		if (found != (cases[i].queue_id != NULL) ||
		    (found && strcmp(log.queue_id, cases[i].queue_id) != 0))
			fail_msg("%s", cases[i].name);
		if (found)
			sender_log_release(&log);
	}
}

static void a_line_says_all_that_is_in_it(void **state)
{
	struct sender_log log;

	(void)state;
	assert_true(sender_log_parse(&log, REJECT));
	assert_string_equal(log.verdict, "reject");
	assert_string_equal(log.mode, "report");
	assert_string_equal(log.account, "anna");
	assert_string_equal(log.login, "anna");
	assert_string_equal(log.field, "From");
	assert_string_equal(log.address, "bert@example.org");
	assert_string_equal(log.reason, "not granted");
	sender_log_release(&log);
	assert_true(sender_log_parse(&log, "queue_id=1 verdict=pass "
					   "mode=report login=\"x verdict=y\" "
					   "mode=enforce verdict=reject"));
	assert_string_equal(log.verdict, "pass");
	assert_string_equal(log.mode, "report");
	assert_string_equal(log.account, "");
	sender_log_release(&log);
}

static int
read_text(struct sender_report *report, const char *text, struct error *err_r)
{
	FILE *file = fmemopen((void *)(size_t)text, strlen(text), "r");
	int result;

	assert_non_null(file);
	result = log_read(file, "log", sender_report_take, report, err_r);
	assert_int_equal(fclose(file), 0);
	return result;
}

static void equal_cases_are_counted_by_account(void **state)
{
	static const char log[] =
		"warning: " DEFER "\n" REJECT "\n"
		"queue_id=1 verdict=pass mode=report account=anna\n"
		"queue_id=2 verdict=reject mode=report account=anna login=a@x "
		"field=From address=bert@example.org reason=\"not granted\"\n"
		"queue_id=3 verdict=reject mode=enforce account=anna "
		"login=anna "
		"field=From address=bert@example.org reason=\"not granted\"\n"
		"queue_id=4 verdict=reject mode=report login=zoe "
		"reason=unknown\n"
		"queue_id=5 verdict=reject mode=report account=bert "
		"reason=none";
	static const struct {
		const char *account, *address, *verdict, *mode;
		unsigned long count;
		const char *last_queue_id;
	} expected[] = {
		{ "anna", "bert@example.org", "reject", "report", 2, "2" },
		{ "anna", "", "defer", "enforce", 1, "4Y" },
		{ "anna", "bert@example.org", "reject", "enforce", 1, "3" },
		{ "bert", "", "reject", "report", 1, "5" },
		{ "zoe", "", "reject", "report", 1, "4" },
	};
	struct sender_report *report = sender_report_new();
	const struct tally_row *const *rows;
	const struct sender_report_sums *sums;
	struct error err;
	size_t count, i;

	(void)state;
	must(read_text(report, log, &err), &err);
	sums = sender_report_sums(report);
	assert_int_equal(sums->messages, 7);
	assert_int_equal(sums->rejected, 1);
	assert_int_equal(sums->deferred, 1);
	assert_int_equal(sums->would_be_rejected, 4);
	assert_int_equal(sums->would_be_deferred, 0);
	rows = sender_report_rows(report, &count);
	assert_int_equal(count, ARRAY_SIZE(expected));
	for (i = 0; i < count; i++) {
		assert_string_equal(rows[i]->values[SENDER_REPORT_ACCOUNT],
				    expected[i].account);
		assert_string_equal(rows[i]->values[SENDER_REPORT_ADDRESS],
				    expected[i].address);
		assert_string_equal(rows[i]->values[SENDER_REPORT_VERDICT],
				    expected[i].verdict);
		assert_string_equal(rows[i]->values[SENDER_REPORT_MODE],
				    expected[i].mode);
		assert_int_equal(rows[i]->count, expected[i].count);
		assert_string_equal(rows[i]->last, expected[i].last_queue_id);
	}
	sender_report_free(&report);
}

/* So many lines, each with another cause, and so many of them an account. */
static int read_causes(struct sender_report *report, unsigned int count,
		       unsigned int per_account, struct error *err_r)
{
	FILE *file = tmpfile();
	unsigned int i;
	int result;

	assert_non_null(file);
	for (i = 0; i < count; i++)
		(void)fprintf(file,
			      "queue_id=1 verdict=reject mode=report "
			      "account=a%u field=From "
			      "address=x%u@example.net reason=no\n",
			      i / per_account, i);
	rewind(file);
	result = log_read(file, "log", sender_report_take, report, err_r);
	assert_int_equal(fclose(file), 0);
	return result;
}

static void one_account_cannot_fill_the_report(void **state)
{
	struct sender_report *report = sender_report_new();
	const struct tally_row *const *rows;
	struct error err;
	size_t count;

	(void)state;
	must(read_causes(report, 500, 500, &err), &err);
	must(read_text(report, REJECT, &err), &err);
	rows = sender_report_rows(report, &count);
	assert_int_equal(count, SENDER_REPORT_CAUSES_MAX + 2);
	assert_string_equal(rows[1]->values[SENDER_REPORT_ACCOUNT], "a0");
	assert_string_equal(rows[0]->values[SENDER_REPORT_REASON],
			    "further causes");
	assert_string_equal(rows[0]->values[SENDER_REPORT_ADDRESS], "");
	assert_int_equal(rows[0]->count, 500 - SENDER_REPORT_CAUSES_MAX);
	assert_string_equal(rows[count - 1]->values[SENDER_REPORT_ACCOUNT],
			    "anna");
	sender_report_free(&report);
}

static void accounts_beyond_all_bounds_are_counted_together(void **state)
{
	struct sender_report *report = sender_report_new();
	const struct tally_row *const *rows;
	struct error err;
	size_t count;

	(void)state;
	must(read_causes(report, SENDER_REPORT_ROWS_MAX + 300, 100, &err),
	     &err);
	must(read_text(report, REJECT, &err), &err);
	rows = sender_report_rows(report, &count);
	assert_int_equal(count, SENDER_REPORT_ROWS_MAX + 1);
	assert_string_equal(rows[0]->values[SENDER_REPORT_ACCOUNT], "");
	assert_string_equal(rows[0]->values[SENDER_REPORT_REASON],
			    "further causes");
	assert_int_equal(rows[0]->count, 300 + 1);
	/* What has its row is counted there. */
	must(read_causes(report, SENDER_REPORT_ROWS_MAX, 100, &err), &err);
	rows = sender_report_rows(report, &count);
	assert_int_equal(count, SENDER_REPORT_ROWS_MAX + 1);
	assert_int_equal(rows[count - 1]->count, 2);
	assert_int_equal(sender_report_sums(report)->messages,
			 2 * SENDER_REPORT_ROWS_MAX + 300 + 1);
	sender_report_free(&report);
}

static void a_long_line_and_a_nul_harm_nothing_behind_them(void **state)
{
	struct sender_report *report = sender_report_new();
	FILE *file = tmpfile();
	struct error err;
	size_t i;

	(void)state;
	assert_non_null(file);
	(void)fputs(REJECT, file);
	for (i = 0; i < 20000; i++)
		(void)fputc('x', file);
	(void)fprintf(file, "\n%s%cfrom=x\n%c\n%s", REJECT, '\0', '\0', REJECT);
	rewind(file);
	must(log_read(file, "log", sender_report_take, report, &err), &err);
	assert_int_equal(sender_report_sums(report)->messages, 2);
	assert_int_equal(fclose(file), 0);
	sender_report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_filters_own_lines_are_read),
		cmocka_unit_test(a_line_says_all_that_is_in_it),
		cmocka_unit_test(equal_cases_are_counted_by_account),
		cmocka_unit_test(one_account_cannot_fill_the_report),
		cmocka_unit_test(
			accounts_beyond_all_bounds_are_counted_together),
		cmocka_unit_test(
			a_long_line_and_a_nul_harm_nothing_behind_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
