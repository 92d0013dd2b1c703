#ifndef ADMIN_KICK_H
#define ADMIN_KICK_H

#include <stdbool.h>

struct call;
struct error;

/* --kick: what Dovecot has running and cached of an account ends too. */

/* Before the change: is --kick asked for as it can be (EX_USAGE)? */
int kick_check(const struct call *call, struct error *err_r);

/*
 * After it, if --kick is asked for: have doveadm(1) flush what auth caches of
 * the account, then end all its connections. The error says that the change
 * is made: EX_TEMPFAIL, or EX_UNAVAILABLE if !kick_is_exact().
 */
int kick_account(const struct call *call, const char *account,
		 struct error *err_r);

/*
 * Does "doveadm kick" take it for the name of one user? '*' and '?' are a
 * pattern's to it, and an IPv4 address, in any spelling of inet_aton(3) but
 * digits alone, is a network's.
 */
bool kick_is_exact(const char *account);

#endif
