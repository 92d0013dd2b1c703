#ifndef ADMIN_SENDER_REPORT_H
#define ADMIN_SENDER_REPORT_H

#include <stddef.h>

struct tally_row;

/*
 * What the sender check has logged, summed up: how often it refused or put
 * off, or enforcing would have, by account and cause.
 */
struct sender_report;

/*
 * An account's further causes are counted together; where there are too many
 * accounts for that, so are those of all that come later, of no account.
 */
#define SENDER_REPORT_CAUSES_MAX 100
#define SENDER_REPORT_ROWS_MAX 20000

/* Values of a row, as the log has them, "" where there is none. */
enum sender_report_value {
	SENDER_REPORT_ACCOUNT, /* the login, if its account is not known */
	SENDER_REPORT_ADDRESS,
	SENDER_REPORT_FIELD,
	SENDER_REPORT_REASON,
	SENDER_REPORT_VERDICT, /* "reject" or "defer" */
	SENDER_REPORT_MODE,    /* "enforce" or "report" */
	SENDER_REPORT_VALUES
};

/* Messages of a login; what passed is neither rejected nor deferred. */
struct sender_report_sums {
	unsigned long messages;
	unsigned long rejected;
	unsigned long deferred;
	unsigned long would_be_rejected; /* these two passed in report mode */
	unsigned long would_be_deferred;
};

struct sender_report *sender_report_new(void);
void sender_report_free(struct sender_report **report);

/*
 * A line of a log, as sender-log.h takes it; others are passed over. The
 * context (log-read.h) is the report.
 */
void sender_report_take(void *report, const char *line);

/*
 * By account, what is most frequent first; last is a queue ID. Valid until the
 * next line.
 */
const struct tally_row *const *
sender_report_rows(struct sender_report *report, size_t *count_r);

const struct sender_report_sums *
sender_report_sums(const struct sender_report *report);

#endif
