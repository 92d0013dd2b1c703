#ifndef ADMIN_PASSWORD_H
#define ADMIN_PASSWORD_H

struct error;

#define PASSWORD_MAX 511 /* octets; libcrypt takes no more */

/*
 * One line from standard input, without its newline; from a terminal without
 * echo, and twice. Empty, longer than PASSWORD_MAX, or with a NUL: refused.
 * The caller frees it with mem_wipe_string().
 */
int password_read(char **password_r, struct error *err_r);

/* "{CRYPT}$y$...": yescrypt, which Dovecot verifies through libcrypt. */
int password_hash(char **hash_r, const char *password, struct error *err_r);

#endif
