#include "admin/sender-report.h"

#include "admin/sender-log.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Longer ones are none of the filter's. */
#define LINE_OCTETS_MAX 16384

struct account {
	char *name;
	size_t causes;
};

struct sender_report {
	void *accounts; /* tree of struct account */
	void *causes;	/* tree of struct sender_report_row */
	const struct sender_report_row **rows; /* the same, to be shown */
	size_t row_count;
	struct sender_report_sums sums;
};

static int compare_accounts(const void *left, const void *right)
{
	const struct account *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int compare_causes(const void *left, const void *right)
{
	const struct sender_report_row *a = left, *b = right;
	const char *const of_a[] = { a->account, a->address, a->field,
				     a->reason,	 a->verdict, a->mode };
	const char *const of_b[] = { b->account, b->address, b->field,
				     b->reason,	 b->verdict, b->mode };
	int order = 0;
	size_t i;

	for (i = 0; i < sizeof(of_a) / sizeof(of_a[0]) && order == 0; i++)
		order = strcmp(of_a[i], of_b[i]);
	return order;
}

static int compare_shown(const void *left, const void *right)
{
	const struct sender_report_row *const *a = left, *const *b = right;
	int order = strcmp((*a)->account, (*b)->account);

	if (order == 0 && (*a)->count != (*b)->count)
		return (*a)->count > (*b)->count ? -1 : 1;
	return order != 0 ? order : compare_causes(*a, *b);
}

struct sender_report *sender_report_new(void)
{
	return mem_alloc(sizeof(struct sender_report));
}

static void free_account(void *node)
{
	struct account *account = node;

	mem_free_string(&account->name);
	free(account);
}

static void free_row(void *node)
{
	struct sender_report_row *row = node;

	mem_free_string(&row->account);
	mem_free_string(&row->address);
	mem_free_string(&row->field);
	mem_free_string(&row->reason);
	mem_free_string(&row->verdict);
	mem_free_string(&row->mode);
	mem_free_string(&row->last_queue_id);
	free(row);
}

void sender_report_free(struct sender_report **report)
{
	if (*report == NULL)
		return;
	tdestroy((*report)->accounts, free_account);
	tdestroy((*report)->causes, free_row);
	free((*report)->rows);
	free(*report);
	*report = NULL;
}

/* The node of the tree that is equal; a copy, made by copy(), if none is. */
static void *find_or_add(void **tree, const void *key,
			 int (*compare)(const void *, const void *),
			 void *(*copy)(const void *))
{
	void **node = tfind(key, tree, compare);

	if (node == NULL) {
		node = tsearch(copy(key), tree, compare);
		if (node == NULL)
			abort();
	}
	return *node;
}

static void *copy_account(const void *node)
{
	const struct account *account = node;
	struct account *new = mem_alloc(sizeof(*new));

	new->name = mem_strdup(account->name);
	return new;
}

static void *copy_row(const void *node)
{
	const struct sender_report_row *row = node;
	struct sender_report_row *new = mem_alloc(sizeof(*new));

	new->account = mem_strdup(row->account);
	new->address = mem_strdup(row->address);
	new->field = mem_strdup(row->field);
	new->reason = mem_strdup(row->reason);
	new->verdict = mem_strdup(row->verdict);
	new->mode = mem_strdup(row->mode);
	return new;
}

/* Is there room for another cause of this account? If so, it is taken. */
static bool take_room(struct sender_report *report, char *name)
{
	const struct account key = { .name = name };
	struct account *account = find_or_add(&report->accounts, &key,
					      compare_accounts, copy_account);

	if (account->causes == SENDER_REPORT_CAUSES_MAX)
		return false;
	account->causes++;
	return true;
}

static int add_cause(struct sender_report *report, const struct sender_log *log,
		     struct error *err_r)
{
	static char none[] = "", further[] = "further causes";
	struct sender_report_row key = {
		.account = log->account[0] != '\0' ? log->account : log->login,
		.address = log->address,
		.field = log->field,
		.reason = log->reason,
		.verdict = log->verdict,
		.mode = log->mode,
	}, *row;

	if (tfind(&key, &report->causes, compare_causes) == NULL &&
	    !take_room(report, key.account)) {
		key.address = key.field = none;
		key.reason = further;
	}
	row = find_or_add(&report->causes, &key, compare_causes, copy_row);
	if (row->count == 0 && ++report->row_count > SENDER_REPORT_ROWS_MAX)
		return error_set(err_r,
				 "there are more than %d causes to tell apart; "
				 "look at less at a time",
				 SENDER_REPORT_ROWS_MAX);
	row->count++;
	mem_free_string(&row->last_queue_id);
	row->last_queue_id = mem_strdup(log->queue_id);
	return 0;
}

static int add(struct sender_report *report, const struct sender_log *log,
	       struct error *err_r)
{
	struct sender_report_sums *sums = &report->sums;
	bool enforced = strcmp(log->mode, "enforce") == 0;

	sums->messages++;
	if (strcmp(log->verdict, "pass") == 0)
		return 0;
	if (strcmp(log->verdict, "reject") == 0)
		++*(enforced ? &sums->rejected : &sums->would_be_rejected);
	else
		++*(enforced ? &sums->deferred : &sums->would_be_deferred);
	return add_cause(report, log, err_r);
}

/*
 * A line without its newline, as far as its first NUL; "" if it is too long.
 * False at the end.
 */
static bool read_line(FILE *file, char line_r[LINE_OCTETS_MAX])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (len < LINE_OCTETS_MAX)
			line_r[len] = (char)c;
		len += len < LINE_OCTETS_MAX;
	}
	line_r[len < LINE_OCTETS_MAX ? len : 0] = '\0';
	return c != EOF || len > 0;
}

int sender_report_read(struct sender_report *report, FILE *file,
		       const char *name, struct error *err_r)
{
	char line[LINE_OCTETS_MAX];
	int result = 0;

	while (result == 0 && read_line(file, line)) {
		struct sender_log log;

		if (!sender_log_parse(&log, line))
			continue;
		result = add(report, &log, err_r);
		sender_log_release(&log);
	}
	if (result < 0)
		return error_prefix(err_r, "%s", name);
	if (ferror(file))
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    name, strerror(errno));
	return 0;
}

static void collect(const void *node, VISIT visit, void *context)
{
	struct sender_report *report = context;

	/* Each node once, in order: <search.h> calls that postorder. */
	if (visit == postorder || visit == leaf)
		report->rows[report->row_count++] =
			*(const struct sender_report_row *const *)node;
}

const struct sender_report_row *const *
sender_report_rows(struct sender_report *report, size_t *count_r)
{
	free(report->rows);
	report->rows = mem_array(report->row_count + 1, sizeof(*report->rows));
	report->row_count = 0;
	twalk_r(report->causes, collect, report);
	qsort(report->rows, report->row_count, sizeof(*report->rows),
	      compare_shown);
	*count_r = report->row_count;
	return report->rows;
}

const struct sender_report_sums *
sender_report_sums(const struct sender_report *report)
{
	return &report->sums;
}
