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

enum password_hash {
	PASSWORD_YESCRYPT, /* "{CRYPT}$y$...": by libcrypt, as PAM does */
	PASSWORD_ARGON2ID, /* "{ARGON2ID}$argon2id$...": by libsodium */
};

/* "yescrypt" or "argon2id"; another is EX_USAGE. */
int password_hash_parse(enum password_hash *hash_r, const char *name,
			struct error *err_r);

/* As Dovecot verifies it; the caller's. */
int password_hash(char **text_r, const char *password, enum password_hash hash,
		  struct error *err_r);

#endif
