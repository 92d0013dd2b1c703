#ifndef ADMIN_DKIM_DNS_H
#define ADMIN_DKIM_DNS_H

#include "admin/dkim-record.h"

#include <stddef.h>
#include <stdint.h>

struct error;

/* An outage is neither a no nor a yes. */
enum dkim_dns_result {
	DKIM_DNS_FAILED = -1,
	DKIM_DNS_MISSING = 0,
	DKIM_DNS_WRONG = 1,
	DKIM_DNS_RIGHT = 2,
};

/* Of a record that is right. */
struct dkim_dns_found {
	struct dkim_record_flags flags;
	uint32_t ttl; /* seconds; what a cache has left of it */
};

/*
 * Is this record (the text of dkim_key_record()) what DNS has at name, and
 * alone there? Unless it is, err_r says what is missing or wrong (EX_DATAERR),
 * or that DNS did not answer within DKIM_DNS_SECONDS (EX_TEMPFAIL).
 */
#define DKIM_DNS_SECONDS 10

enum dkim_dns_result dkim_dns_check(struct dkim_dns_found *found_r,
				    const char *name, const char *record,
				    struct error *err_r);

/*
 * The same of a DNS message (RFC 1035 4.1), without asking: an answer that is
 * malformed is DKIM_DNS_FAILED.
 */
enum dkim_dns_result dkim_dns_compare(struct dkim_dns_found *found_r,
				      const char *name, const void *answer,
				      size_t len, const char *record,
				      struct error *err_r);

#endif
