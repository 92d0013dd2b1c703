#ifndef MILTER_DKIM_SHA256_H
#define MILTER_DKIM_SHA256_H

#include <openssl/types.h>

#define SHA256_SIZE 32

/*
 * For EVP_DigestInit_ex() and the like; NULL if OpenSSL's configuration has
 * none. Looked up once: a look-up takes as long as hashing a kilobyte.
 */
const EVP_MD *sha256(void);

#endif
