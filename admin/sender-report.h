#ifndef ADMIN_SENDER_REPORT_H
#define ADMIN_SENDER_REPORT_H

#include <stddef.h>
#include <stdio.h>

struct error;

/*
 * What the sender check has logged, summed up: how often it refused or put
 * off, or enforcing would have, by account and cause. Users wrote part of
 * what stands in a log, so all of it is bounded.
 */
struct sender_report;

/* An account's further causes are counted together. */
#define SENDER_REPORT_CAUSES_MAX 100
#define SENDER_REPORT_ROWS_MAX 20000

/* field, address and reason as the log has them, "" where there is none. */
struct sender_report_row {
	char *account; /* the login, if its account is not known */
	char *address;
	char *field;
	char *reason;
	char *verdict; /* "reject" or "defer" */
	char *mode;    /* "enforce" or "report" */
	unsigned long count;
	char *last_queue_id;
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
 * All lines of a log, as sender-log.h takes them; others are passed over.
 * name is for the error: it can't be read, or has too many causes in it.
 */
int sender_report_read(struct sender_report *report, FILE *file,
		       const char *name, struct error *err_r);

/* By account, what is most frequent first; valid until the next read. */
const struct sender_report_row *const *
sender_report_rows(struct sender_report *report, size_t *count_r);

const struct sender_report_sums *
sender_report_sums(const struct sender_report *report);

#endif
