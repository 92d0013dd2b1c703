#ifndef ADMIN_POSTFIX_MILTERS_H
#define ADMIN_POSTFIX_MILTERS_H

#include <stdbool.h>

struct error;
struct master_cf_service;

#define POSTFIX_MILTERS "smtpd_milters"

/*
 * Which milters the services of a master.cf have, with and without ours. Pure:
 * texts in, texts out.
 */
struct postfix_milters {
	const char *now;	 /* master.cf */
	const char *main_list;	 /* smtpd_milters of main.cf */
	const char *old_without; /* as recorded when last changed; or "" */
	const char *old_with;
	const char *const *ours;   /* sockets, in the order of use */
	const char *const *wanted; /* some of ours, in that order */

	/*
	 * Put the wanted ones in front of what each submission service has;
	 * else they merely stay where they are.
	 */
	bool put;
};

/*
 * without_r: the text without any of ours. Where nobody changed what was
 * recorded, that is what stood there before, to the octet; where somebody did,
 * the rest of it. with_r: the text as it should be; a service that is so
 * already is left as it stands. Both are the caller's.
 */
int postfix_milters_edit(char **without_r, char **with_r,
			 const struct postfix_milters *milters,
			 struct error *err_r);

/* Does a service take mail from users, by its port, with smtpd(8)? */
bool postfix_is_submission(const struct master_cf_service *service);

#endif
