#ifndef TESTS_DKIM_KEYS_H
#define TESTS_DKIM_KEYS_H

#include "tests/unit/test.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/dkim-key.h"
#include "milter-dkim/signer.h"
#include "milter-dkim/signing-key.h"

#include <openssl/evp.h>

#define TEST_DOMAIN "example.org"
#define TEST_TIME 1763772947

/* One new key for each algorithm; selectors are named after it. */
struct test_keys {
	EVP_PKEY *pkeys[DKIM_ALGORITHM_COUNT];
	struct signing_key *ready[DKIM_ALGORITHM_COUNT];
	char *records[DKIM_ALGORITHM_COUNT];
	char *pems[DKIM_ALGORITHM_COUNT];
};

static inline void test_keys_init(struct test_keys *keys)
{
	struct error err;
	int i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		enum dkim_algorithm algorithm = (enum dkim_algorithm)i;

		assert_int_equal(
			dkim_key_generate(&keys->pkeys[i], algorithm, &err), 0);
		assert_int_equal(signing_key_new(&keys->ready[i],
						 keys->pkeys[i], algorithm,
						 &err),
				 0);
		assert_int_equal(dkim_key_record(&keys->records[i],
						 keys->pkeys[i], algorithm,
						 &err),
				 0);
		assert_int_equal(
			dkim_key_pem(&keys->pems[i], keys->pkeys[i], &err), 0);
	}
}

static inline void test_keys_release(struct test_keys *keys)
{
	int i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		EVP_PKEY_free(keys->pkeys[i]);
		signing_key_release(&keys->ready[i]);
		mem_free_string(&keys->records[i]);
		mem_free_string(&keys->pems[i]);
	}
}

static inline struct signer_request
test_request(const struct test_keys *keys, enum dkim_algorithm algorithm,
	     enum canon header, enum canon body)
{
	return (struct signer_request){
		.algorithm = algorithm,
		.domain = TEST_DOMAIN,
		.selector = dkim_algorithm_name(algorithm),
		.key = keys->ready[algorithm],
		.header_canon = header,
		.body_canon = body,
		.time = TEST_TIME,
	};
}

#endif
