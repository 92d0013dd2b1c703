#ifndef COMMON_POLICY_H
#define COMMON_POLICY_H

#include <stddef.h>
#include <time.h>

struct directory;
struct error;

/*
 * Who may write as whom: (account, envelope, header fields) -> verdict. No
 * I/O but the directory. Both milters and `countersign sender check` decide
 * here and nowhere else.
 */
enum policy_result {
	POLICY_PASS,
	POLICY_REJECT, /* for good: 550 */
	POLICY_RETRY,  /* an outage: 451 */
};

/* An SMTP reply (RFC 5321, RFC 3463); text is for the user who gets it. */
struct policy_verdict {
	enum policy_result result;
	char code[4];	/* "550", "451"; "" if passed */
	char status[8]; /* "5.7.1" */
	char text[512]; /* one line; names address, field and login */
};

/* A header field; value without the colon, folds as LF or CRLF and WSP. */
struct policy_field {
	const char *name;
	const char *value;
	size_t value_len;
};

/*
 * login: the authenticated name as the MTA gives it, an account's name or one
 * of its addresses. mail_from: the reverse-path without angle brackets, "" for
 * the null sender, which passes here: its From: is checked all the same.
 */
enum policy_result policy_check_envelope(struct directory *dir,
					 const char *login,
					 const char *mail_from, time_t now,
					 struct policy_verdict *verdict_r);

/*
 * The header, whole: exactly one From:, well-formed, and the login may write
 * as every address in it. What does not parse is 550 5.6.0, what is not
 * allowed 550 5.7.1, an unknown or disabled login 550 5.7.1.
 */
enum policy_result policy_check_header(struct directory *dir, const char *login,
				       const struct policy_field *fields,
				       size_t count, time_t now,
				       struct policy_verdict *verdict_r);

#endif
