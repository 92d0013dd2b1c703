#ifndef ADMIN_PASSWORD_SCHEME_H
#define ADMIN_PASSWORD_SCHEME_H

struct error;

#define PASSWORD_HASH_MAX 1024 /* octets, with its scheme */

/*
 * Is this a password hash that may be kept: "{SCHEME}" and a text, where
 * SCHEME is one of Dovecot's (with ".HEX", ".B64" or ".BASE64" behind it) that
 * hashes. Passwords in plain text are refused, and what can't be a field of a
 * passwd-file. err_r never has the hash in it.
 */
int password_hash_check(const char *hash, struct error *err_r);

/* SCHEME alone. */
int password_scheme_check(const char *scheme, struct error *err_r);

#endif
