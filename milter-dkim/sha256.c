#include "milter-dkim/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stddef.h>

static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *fetched;

static void fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
}

const EVP_MD *sha256(void)
{
	(void)CRYPTO_THREAD_run_once(&once, fetch);
	return fetched;
}
