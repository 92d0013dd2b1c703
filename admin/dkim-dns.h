#ifndef ADMIN_DKIM_DNS_H
#define ADMIN_DKIM_DNS_H

#include <stddef.h>

struct error;

/*
 * Is this record (the text of dkim_key_record()) what DNS has at name? 0 if
 * every TXT record there has the same key. -1: err_r says what is missing or
 * differs (EX_DATAERR), or that DNS did not answer (EX_TEMPFAIL).
 */
int dkim_dns_check(const char *name, const char *record, struct error *err_r);

/*
 * The same of a DNS message (RFC 1035 4.1), without asking: an answer that is
 * malformed is EX_TEMPFAIL.
 */
int dkim_dns_compare(const char *name, const void *answer, size_t len,
		     const char *record, struct error *err_r);

#endif
