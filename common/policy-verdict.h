#ifndef COMMON_POLICY_VERDICT_H
#define COMMON_POLICY_VERDICT_H

#include "common/account-name.h"
#include "common/error.h"

#include <stdbool.h>

struct log_record;

enum policy_result {
	POLICY_PASS,
	POLICY_REJECT, /* for good: 550 */
	POLICY_DEFER,  /* for now: an outage, 451, or too much, 450 */
};

/* With code and status a line that SMTP allows (RFC 5321 4.5.3.1.5). */
#define POLICY_TEXT_SIZE 480
#define POLICY_ADDRESS_SIZE 512
#define POLICY_AUTHORS_SIZE 512
/* Any address, every octet of its local part escaped. */
#define POLICY_SENDER_SIZE 1024

/* RFC 3463 3.8: not authorized. */
#define POLICY_STATUS_DENIED "5.7.1"

/* In place of a header field's name: the reverse-path. */
#define POLICY_ENVELOPE "envelope"

struct policy_verdict {
	enum policy_result result;
	bool exempt; /* passed without a check; reason says why */
	bool outage; /* why it is put off: not for what the account did */

	/*
	 * The SMTP reply (RFC 5321, RFC 3463), "" if passed. text is for the
	 * user who reads it: it names address, field and login, and tells
	 * nothing of an outage but that there is one.
	 */
	char code[4];		     /* "550", "451", "450" */
	char status[8];		     /* "5.7.1" */
	char text[POLICY_TEXT_SIZE]; /* one line of ASCII */

	/* Passed, but only with a Sender: of this to be added; "" if none. */
	char sender[POLICY_SENDER_SIZE];

	/* For the log: UTF-8, cut where too long, "" if there is none. */
	char account[ACCOUNT_NAME_MAX + 1];
	char authors[POLICY_AUTHORS_SIZE]; /* From:, between commas */

	/*
	 * Why it did not pass: which field, which address in it, and a reason
	 * that repeats neither of them nor the login, so that equal cases have
	 * equal reasons. field is a constant, or NULL.
	 */
	const char *field;
	char address[POLICY_ADDRESS_SIZE];
	char reason[ERROR_TEXT_SIZE];
};

/* As struct policy_verdict has them; reason NULL: the text says it all. */
struct policy_cause {
	const char *status;
	const char *field;
	const char *address;
	const char *reason;
};

void policy_pass(struct policy_verdict *verdict_r);

/* Passed without a check, and why. */
void policy_exempt(struct policy_verdict *verdict, const char *reason);

/* 550; account and authors stay. The text is made fit for SMTP. */
enum policy_result
policy_reject(struct policy_verdict *verdict, const struct policy_cause *cause,
	      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* 450, with a status that begins with 4; the same. */
enum policy_result
policy_put_off(struct policy_verdict *verdict, const struct policy_cause *cause,
	       const char *format, ...) __attribute__((format(printf, 3, 4)));

/* 451, an outage; the same. Of the directory, or of what the text says. */
enum policy_result
policy_defer(struct policy_verdict *verdict, const struct error *err);
enum policy_result policy_defer_as(struct policy_verdict *verdict,
				   const char *text, const struct error *err);

/* "pass", "reject" or "defer": what logs and the command call it. */
const char *policy_word(enum policy_result result);

/* field, address and reason, those that there are, as pairs. */
void policy_log_cause(struct log_record *record,
		      const struct policy_verdict *verdict);

#endif
