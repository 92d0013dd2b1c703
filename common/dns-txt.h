#ifndef COMMON_DNS_TXT_H
#define COMMON_DNS_TXT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct error;

enum dns_txt_result {
	DNS_TXT_FAILED = -1, /* err_r says why: try again later */
	DNS_TXT_NONE = 0,
	DNS_TXT_FOUND = 1,
	DNS_TXT_SEVERAL = 2,   /* more than one record */
	DNS_TXT_MALFORMED = 3, /* a record that is not strings, or has a NUL */
};

struct dns_txt {
	char *text;   /* its strings joined; the caller's */
	uint32_t ttl; /* seconds; what a cache has left of it */
};

/*
 * The TXT record of a name, set if FOUND, from the resolver of resolv.conf(5);
 * over TCP where the answer does not fit into a datagram. Returns by the
 * deadline, of CLOCK_MONOTONIC, within half a second, or after a second for
 * each name server if less is left. Thread-safe.
 */
enum dns_txt_result dns_txt_look_up(struct dns_txt *txt_r, const char *name,
				    const struct timespec *deadline,
				    struct error *err_r);

/* The same from an answer (RFC 1035 4.1): malformed or cut, it is FAILED. */
enum dns_txt_result dns_txt_read(struct dns_txt *txt_r, const char *name,
				 const void *answer, size_t len,
				 struct error *err_r);

#endif
