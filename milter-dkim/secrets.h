#ifndef MILTER_DKIM_SECRETS_H
#define MILTER_DKIM_SECRETS_H

struct error;

/*
 * From here on no core file has this process's memory, no other process of its
 * user looks into it, and OpenSSL wipes what it frees. Before the first use of
 * OpenSSL.
 */
int secrets_protect(struct error *err_r);

/*
 * Overwrites what functions that have returned left of secrets on the stack and
 * in registers.
 */
void secrets_forget(void);

/* No swap for the process; where that is not allowed, a warning is logged. */
void secrets_lock(void);

#endif
