#ifndef COMMON_POLICY_H
#define COMMON_POLICY_H

#include "common/policy-verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct directory;
struct policy_rules;

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

/* Without white space at the end of the former, in any case. */
bool policy_is_named(const char *field_name, const char *name);

/* The number of fields of this name; the last of them in *field_r. */
size_t policy_find_field(const struct policy_field **field_r,
			 const struct policy_field *fields, size_t count,
			 const char *name);

/* More fields that mean something, or octets in them, are refused. */
#define POLICY_FIELDS_MAX 64
#define POLICY_OCTETS_MAX 1048576

/*
 * Who writes, and when. login: the authenticated name as the MTA gives it, an
 * account's name or one of its addresses. mail_from: the reverse-path without
 * angle brackets, "" the null sender, NULL where it is not known. All borrowed.
 */
struct policy_question {
	struct directory *dir;
	const struct policy_rules *rules;
	const char *login;
	const char *mail_from;
	time_t now;
};

/*
 * The reverse-path, which is known. The null sender passes for every account,
 * since its From: is checked all the same. What does not parse is 550 5.1.7,
 * what is not allowed 550 5.7.1, an unknown or disabled login 550 5.7.1.
 */
enum policy_result policy_check_envelope(const struct policy_question *question,
					 struct policy_verdict *verdict_r);

/*
 * The header, whole. Exactly one From:, at most one Sender:, well-formed; the
 * login may write as every address in them. Several authors need a Sender:
 * that is the account's own (RFC 5322 3.6.2), and so does one that it writes on
 * behalf of: where that has none, verdict_r->sender is to be added. The same
 * holds for Resent-From: and Resent-Sender: of each block (RFC 5322 3.6.6),
 * where nothing is added. If the rules let a Resent-From: excuse From:, only
 * the uppermost block has to be the account's, and From: and Sender: need but
 * be well-formed once it is.
 *
 * Display names, those of groups and comments, once decoded: no control or
 * bidi-control character. Unless the rules accept that, no address either that
 * the login may not write as, and nothing that can't be decoded, which is 550
 * 5.6.0; where it is this host that can't, 451.
 *
 * A field's name is taken in any case, without white space at its end. What
 * does not parse is 550 5.6.0, what is not allowed 550 5.7.1, an unknown or
 * disabled login 550 5.7.1.
 */
enum policy_result policy_check_header(const struct policy_question *question,
				       const struct policy_field *fields,
				       size_t count,
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
