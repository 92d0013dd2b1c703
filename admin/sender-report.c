#include "admin/sender-report.h"

#include "admin/sender-log.h"
#include "admin/tally.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sender_report {
	struct tally *causes;
	struct sender_report_sums sums;
};

struct sender_report *sender_report_new(void)
{
	struct sender_report *report = mem_alloc(sizeof(*report));

	report->causes =
		tally_new(SENDER_REPORT_VALUES, SENDER_REPORT_CAUSES_MAX,
			  SENDER_REPORT_ROWS_MAX);
	return report;
}

void sender_report_free(struct sender_report **report)
{
	if (*report == NULL)
		return;
	tally_free(&(*report)->causes);
	free(*report);
	*report = NULL;
}

static void
add_cause(struct sender_report *report, const struct sender_log *log)
{
	const char *account =
		log->account[0] != '\0' ? log->account : log->login;
	const char *const values[SENDER_REPORT_VALUES] = {
		[SENDER_REPORT_ACCOUNT] = account,
		[SENDER_REPORT_ADDRESS] = log->address,
		[SENDER_REPORT_FIELD] = log->field,
		[SENDER_REPORT_REASON] = log->reason,
		[SENDER_REPORT_VERDICT] = log->verdict,
		[SENDER_REPORT_MODE] = log->mode,
	};
	const char *const further[SENDER_REPORT_VALUES] = {
		[SENDER_REPORT_ACCOUNT] = account,
		[SENDER_REPORT_ADDRESS] = "",
		[SENDER_REPORT_FIELD] = "",
		[SENDER_REPORT_REASON] = "further causes",
		[SENDER_REPORT_VERDICT] = log->verdict,
		[SENDER_REPORT_MODE] = log->mode,
	};

	tally_add(report->causes, values, further, log->queue_id);
}

static void add(struct sender_report *report, const struct sender_log *log)
{
	struct sender_report_sums *sums = &report->sums;
	bool enforced = strcmp(log->mode, "enforce") == 0;

	sums->messages++;
	if (strcmp(log->verdict, "pass") == 0)
		return;
	if (strcmp(log->verdict, "reject") == 0)
		++*(enforced ? &sums->rejected : &sums->would_be_rejected);
	else
		++*(enforced ? &sums->deferred : &sums->would_be_deferred);
	add_cause(report, log);
}

void sender_report_take(void *report, const char *line)
{
	struct sender_log log;

	if (!sender_log_parse(&log, line))
		return;
	add(report, &log);
	sender_log_release(&log);
}

static int compare_shown(const void *left, const void *right)
{
	const struct tally_row *const *a = left, *const *b = right;
	int order = strcmp((*a)->values[SENDER_REPORT_ACCOUNT],
			   (*b)->values[SENDER_REPORT_ACCOUNT]);

	if (order == 0 && (*a)->count != (*b)->count)
		return (*a)->count > (*b)->count ? -1 : 1;
	return order != 0 ? order : tally_compare_values(*a, *b);
}

const struct tally_row *const *
sender_report_rows(struct sender_report *report, size_t *count_r)
{
	return tally_rows(report->causes, compare_shown, count_r);
}

const struct sender_report_sums *
sender_report_sums(const struct sender_report *report)
{
	return &report->sums;
}
