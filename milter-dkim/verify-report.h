#ifndef MILTER_DKIM_VERIFY_REPORT_H
#define MILTER_DKIM_VERIFY_REPORT_H

#include <stddef.h>

struct buffer;
struct verify_signature;

/*
 * The value of the Authentication-Results field (RFC 8601, RFC 6008) about
 * these signatures, and as many as unread that were not looked at: with a
 * leading space, folded with LF, no line end behind it. The caller's.
 */
char *verify_report(const char *authserv_id,
		    const struct verify_signature *signatures, size_t count,
		    size_t unread);

/* The same in short, for a log: "pass d=example.org s=a, fail d=...". */
char *verify_report_short(const struct verify_signature *signatures,
			  size_t count, size_t unread);

#endif
