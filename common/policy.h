#ifndef COMMON_POLICY_H
#define COMMON_POLICY_H

#include "common/policy-verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct directory;

/*
 * Who may write as whom: (account, envelope, header fields) -> verdict. No
 * I/O but the directory. Both milters and `countersign sender check` decide
 * here and nowhere else.
 */

/* A header field; value without the colon, folds as LF or CRLF and WSP. */
struct policy_field {
	const char *name;
	const char *value;
	size_t value_len;
};

/* Does the field mean anything here? The others need not be kept. */
bool policy_reads_field(const char *name);

/* More fields that mean something, or octets in them, are refused. */
#define POLICY_FIELDS_MAX 64
#define POLICY_OCTETS_MAX 1048576

/*
 * login: the authenticated name as the MTA gives it, an account's name or one
 * of its addresses; an unknown or disabled one is 550 5.7.1. mail_from: the
 * reverse-path without angle brackets; "", the null sender, passes for every
 * account, since its From: is checked all the same. What does not parse is 550
 * 5.1.7, what is not allowed 550 5.7.1.
 */
enum policy_result policy_check_envelope(struct directory *dir,
					 const char *login,
					 const char *mail_from, time_t now,
					 struct policy_verdict *verdict_r);

/*
 * The header, whole: exactly one From:, well-formed, and the login may write
 * as every address in it; on behalf of one, only with a Sender: that is its
 * own. A field's name is taken in any case, without white space at its end.
 * What does not parse is 550 5.6.0, what is not allowed 550 5.7.1, an unknown
 * or disabled login 550 5.7.1.
 */
enum policy_result policy_check_header(struct directory *dir, const char *login,
				       const struct policy_field *fields,
				       size_t count, time_t now,
				       struct policy_verdict *verdict_r);

/*
 * The verdict on a header beyond the bounds above, of a message that has
 * passed so far: account and authors stay.
 */
enum policy_result policy_too_much(struct policy_verdict *verdict);

/*
 * Does a CR stand in the value that begins no line end? Readers that take it
 * for one see fields, and authors, that nobody checked: it may stand in no
 * field, and this is the verdict, likewise.
 */
bool policy_has_stray_cr(const char *value);
enum policy_result policy_stray_cr(struct policy_verdict *verdict);

#endif
