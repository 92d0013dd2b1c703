#ifndef COMMON_DNS_TXT_H
#define COMMON_DNS_TXT_H

#include <stddef.h>
#include <time.h>

struct error;

enum dns_txt_result {
	DNS_TXT_FAILED = -1, /* err_r says why: try again later */
	DNS_TXT_NONE = 0,
	DNS_TXT_FOUND = 1,
	DNS_TXT_SEVERAL = 2, /* more than one record */
};

/*
 * The TXT record of a name, its strings joined, from the resolver of
 * resolv.conf(5); text_r is the caller's, set if FOUND. Returns by the
 * deadline, of CLOCK_MONOTONIC. Thread-safe.
 */
enum dns_txt_result dns_txt_look_up(char **text_r, const char *name,
				    const struct timespec *deadline,
				    struct error *err_r);

/*
 * The same from an answer. A record with a NUL in it, which a string could not
 * hold, is malformed, and so FAILED.
 */
enum dns_txt_result dns_txt_read(char **text_r, const char *name,
				 const void *answer, size_t len,
				 struct error *err_r);

#endif
