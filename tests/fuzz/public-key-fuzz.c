#include "tests/fuzz/fuzz.h"

#include "common/error.h"
#include "common/public-key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string.h>

/*
 * PEM that OpenSSL reads too is the same key to it. (It refuses some lengths of
 * lines that RFC 7468 3 wants read.)
 */
static void compare_with_openssl(const struct public_key *key,
				 const uint8_t *data, size_t size)
{
	BIO *bio = BIO_new_mem_buf(data, (int)size);
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	X509 *certificate = NULL;
	int len;

	if (memmem(data, size, "-----BEGIN PUBLIC KEY-----", 26) != NULL)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	else
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (certificate != NULL)
		pkey = X509_get_pubkey(certificate);
	if (pkey != NULL) {
		len = i2d_PUBKEY(pkey, &der);
		MUST(len > 0 && (size_t)len == key->spki_len &&
		     memcmp(der, key->spki, key->spki_len) == 0);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	X509_free(certificate);
	BIO_free(bio);
	ERR_clear_error();
}

static void check_key(struct public_key *key)
{
	char text[FINGERPRINT_TEXT_SIZE];
	struct fingerprint parsed;
	struct public_key again;
	struct error err;

	MUST(public_key_from_spki(&again, key->spki, key->spki_len, &err) == 0);
	MUST(memcmp(&again.fingerprint, &key->fingerprint,
		    sizeof(again.fingerprint)) == 0);
	MUST(strcmp(again.type, key->type) == 0);
	public_key_release(&again);
	fingerprint_format(text, &key->fingerprint);
	MUST(fingerprint_parse(&parsed, text, &err) == 0);
	MUST(memcmp(&parsed, &key->fingerprint, sizeof(parsed)) == 0);
	public_key_release(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct public_key key;
	struct error err;

	if (public_key_parse(&key, (const char *)data, size, &err) == 0) {
		if (memmem(data, size, "-----BEGIN ", 11) != NULL)
			compare_with_openssl(&key, data, size);
		check_key(&key);
	}
	if (public_key_from_spki(&key, data, size, &err) == 0)
		check_key(&key);
	MUST(ERR_peek_error() == 0);
	return 0;
}
