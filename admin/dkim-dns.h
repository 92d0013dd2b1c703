#ifndef ADMIN_DKIM_DNS_H
#define ADMIN_DKIM_DNS_H

struct error;

/*
 * Is this record (the text of dkim_key_record()) what DNS has at name? 0 if
 * every TXT record there has the same key. -1: err_r says what is missing or
 * differs (EX_DATAERR), or that DNS did not answer (EX_TEMPFAIL).
 */
int dkim_dns_check(const char *name, const char *record, struct error *err_r);

#endif
