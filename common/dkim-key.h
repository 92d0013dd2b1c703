#ifndef COMMON_DKIM_KEY_H
#define COMMON_DKIM_KEY_H

#include <openssl/types.h>

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct error;

/* Algorithms of a DKIM signature: RFC 6376 with RFC 8301, and RFC 8463. */
enum dkim_algorithm {
	DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
};
#define DKIM_ALGORITHM_COUNT 2

/* The word of k= and of the key table: "rsa" or "ed25519". */
const char *dkim_algorithm_name(enum dkim_algorithm algorithm);
int dkim_algorithm_parse(enum dkim_algorithm *algorithm_r, const char *name,
			 struct error *err_r);

/* What tells a file from another, and from what it was. */
struct dkim_key_file {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec modified, changed;
};

/*
 * Whether a key may be read from this file. Refused by name: no regular file;
 * readable or writable by others; writable by a group, or readable by one that
 * is not ours; of another user than root and us; not readable by us.
 */
int dkim_key_check_file(struct dkim_key_file *file_r, const char *path,
			struct error *err_r);

/* Nobody touched the one to make the other. */
bool dkim_key_file_is_same(const struct dkim_key_file *a,
			   const struct dkim_key_file *b);

/*
 * A private key from a PEM file (PKCS#8, or PKCS#1 for RSA), unencrypted.
 * Refused by name: what dkim_key_check_file() refuses; a key that is not of
 * the algorithm; RSA under 2048 or over 8192 bits. The caller frees it with
 * EVP_PKEY_free().
 */
int dkim_key_load(EVP_PKEY **pkey_r, const char *path,
		  enum dkim_algorithm algorithm, struct error *err_r);

/* A new key; RSA has 2048 bits. */
int dkim_key_generate(EVP_PKEY **pkey_r, enum dkim_algorithm algorithm,
		      struct error *err_r);

/* The private key as PKCS#8 PEM; the caller wipes it (mem_wipe_string()). */
int dkim_key_pem(char **pem_r, EVP_PKEY *pkey, struct error *err_r);

/*
 * The text of the DNS record (RFC 6376 3.6.1, RFC 8463 4), as one string: the
 * caller's.
 */
int dkim_key_record(char **record_r, EVP_PKEY *pkey,
		    enum dkim_algorithm algorithm, struct error *err_r);

#endif
