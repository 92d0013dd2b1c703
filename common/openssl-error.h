#ifndef COMMON_OPENSSL_ERROR_H
#define COMMON_OPENSSL_ERROR_H

struct error;

/*
 * "WHAT failed: " and what OpenSSL says of it, which it forgets of this thread
 * then; EX_SOFTWARE. Returns -1.
 */
int openssl_error_set(struct error *err_r, const char *what);

#endif
