#include "milter-dkim/signing-key.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "common/openssl-error.h"
#include "common/shared.h"
#include "milter-dkim/sha256.h"

#include <openssl/evp.h>

#include <stdbool.h>
#include <stdlib.h>

struct signing_key {
	struct shared shared;
	enum dkim_algorithm algorithm;
	size_t size;	   /* octets of a signature */
	EVP_MD_CTX *ready; /* what signs is a copy */
};

static void free_key(struct shared *shared)
{
	struct signing_key *key = (struct signing_key *)shared;

	EVP_MD_CTX_free(key->ready);
	free(key);
}

static const char *doing(enum dkim_algorithm algorithm)
{
	return algorithm == DKIM_RSA_SHA256 ? "signing with RSA"
					    : "signing with Ed25519";
}

int signing_key_new(struct signing_key **key_r, EVP_PKEY *pkey,
		    enum dkim_algorithm algorithm, struct error *err_r)
{
	struct signing_key *key = mem_alloc(sizeof(*key));
	/* RFC 8463 3: PureEdDSA, over the hash; RSA does both. */
	const EVP_MD *md = algorithm == DKIM_RSA_SHA256 ? sha256() : NULL;

	shared_init(&key->shared, free_key);
	key->algorithm = algorithm;
	key->size = (size_t)EVP_PKEY_get_size(pkey);
	key->ready = EVP_MD_CTX_new();
	if (key->ready == NULL ||
	    EVP_DigestSignInit(key->ready, NULL, md, NULL, pkey) != 1) {
		signing_key_release(&key);
		return openssl_error_set(err_r, doing(algorithm));
	}
	/* A copy signs once, so OpenSSL need not copy it again for that. */
	EVP_MD_CTX_set_flags(key->ready, EVP_MD_CTX_FLAG_FINALISE);
	*key_r = key;
	return 0;
}

struct signing_key *signing_key_hold(struct signing_key *key)
{
	shared_hold(&key->shared);
	return key;
}

void signing_key_release(struct signing_key **key)
{
	if (*key != NULL)
		shared_release(&(*key)->shared);
	*key = NULL;
}

int signing_key_sign(struct buffer *signature, const struct signing_key *key,
		     const void *text, size_t len, struct error *err_r)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned char *raw = mem_alloc(key->size);
	unsigned char digest[SHA256_SIZE];
	size_t raw_len = key->size;
	int result = 0;
	bool ok = copy != NULL && EVP_MD_CTX_copy_ex(copy, key->ready) == 1;

	if (key->algorithm == DKIM_ED25519_SHA256) {
		ok = ok &&
		     EVP_Digest(text, len, digest, NULL, sha256(), NULL) == 1;
		text = digest;
		len = sizeof(digest);
	}
	if (ok && EVP_DigestSign(copy, raw, &raw_len, text, len) == 1)
		buffer_append_bytes(signature, raw, raw_len);
	else
		result = openssl_error_set(err_r, doing(key->algorithm));
	free(raw);
	EVP_MD_CTX_free(copy);
	return result;
}
