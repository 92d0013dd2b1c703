/*
 * The messages, keys and signatures that are printed in RFC 6376 A.2 and C (as
 * corrected by errata 3192 and 4926) and in RFC 8463 A.
 */
#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/error.h"
#include "milter-dkim/signer.h"
#include "milter-dkim/signing-key.h"
#include "tests/dkim/message.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                 \
	"From: Joe SixPack <joe@football.example.com>\r\n"                     \
	"To: Suzie Q <suzie@shopping.example.net>\r\n"                         \
	"Subject: Is dinner ready?\r\n"                                        \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                      \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"

#define BODY_HASH "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="

static const char rfc_6376_key[] =
	"-----BEGIN RSA PRIVATE KEY-----\n"
	"MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
	"jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
	"to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
	"AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
	"/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
	"gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
	"n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
	"3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
	"eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
	"7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
	"qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
	"eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
	"GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
	"-----END RSA PRIVATE KEY-----\n";

static const char rfc_8463_rsa_key[] =
	"-----BEGIN RSA PRIVATE KEY-----\n"
	"MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
	"Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
	"KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
	"AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
	"6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
	"zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
	"6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
	"uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
	"WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
	"WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
	"licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
	"o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
	"uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
	"-----END RSA PRIVATE KEY-----\n";

static const char rfc_8463_ed25519_key[] =
	"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

static const struct {
	const char *name;
	const char *key; /* PEM, or the secret of Ed25519 in base64 */
	enum dkim_algorithm algorithm;
	enum canon canon;
	const char *text;
	const char *field; /* without a signature */
	const char *signature;
} examples[] = {
	{ "RFC 6376 A.2", rfc_6376_key, DKIM_RSA_SHA256, CANON_SIMPLE,
	  "Received: from client1.football.example.com  [192.0.2.1]\r\n"
	  "      by submitserver.example.com with SUBMISSION;\r\n"
	  "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" HEADER "\r\n"
	  "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\n"
	  "Joe.\r\n",
	  " v=1; a=rsa-sha256; s=brisbane; d=example.com;\n"
	  "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\n"
	  "      h=Received : From : To : Subject : Date : Message-ID;\n"
	  "      bh=" BODY_HASH ";\n"
	  "      b=;",
	  "AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB4nujc7YopdG5"
	  "dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHutKVdkLLkpVaVVQPzeRDI009SO"
	  "2Il5Lu7rDNH6mZckBdrIx0orEtZV4bmp/YzhwvcubU4=" },
	{ "RFC 8463 A, RSA", rfc_8463_rsa_key, DKIM_RSA_SHA256, CANON_RELAXED,
	  HEADER "\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?"
		 "\r\n\r\nJoe.\r\n",
	  " v=1; a=rsa-sha256; c=relaxed/relaxed;\n"
	  " d=football.example.com; i=@football.example.com;\n"
	  " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n"
	  " date : message-id : from : subject : date;\n"
	  " bh=" BODY_HASH ";\n"
	  " b=",
	  "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrS"
	  "jV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgD"
	  "fQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=" },
	{ "RFC 8463 A, Ed25519", rfc_8463_ed25519_key, DKIM_ED25519_SHA256,
	  CANON_RELAXED,
	  HEADER "\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?"
		 "\r\n\r\nJoe.\r\n",
	  " v=1; a=ed25519-sha256; c=relaxed/relaxed;\n"
	  " d=football.example.com; i=@football.example.com;\n"
	  " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n"
	  " subject : date : message-id : from : subject : date;\n"
	  " bh=" BODY_HASH ";\n"
	  " b=",
	  "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY"
	  "5OsU7ZbnKELq+eXdp1Q1Dw==" },
};

static EVP_PKEY *parse_key(const char *text, enum dkim_algorithm algorithm)
{
	unsigned char raw[48];
	EVP_PKEY *pkey;
	BIO *bio;

	if (algorithm == DKIM_ED25519_SHA256) {
		assert_int_equal(EVP_DecodeBlock(raw,
						 (const unsigned char *)text,
						 (int)strlen(text)),
				 33);
		return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw,
						    32);
	}
	bio = BIO_new_mem_buf(text, -1);
	assert_non_null(bio);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return pkey;
}

static void assert_signature(const struct signer_request *request,
			     const struct message *message, const char *field,
			     const char *expected)
{
	const struct policy_field *fields[8];
	struct buffer raw = BUFFER_INIT;
	unsigned char base64[256];
	struct error err;
	size_t i;

	assert_in_range(message->header.count, 1, ARRAY_SIZE(fields));
	for (i = 0; i < message->header.count; i++)
		fields[i] = &message->header.fields[i];
	assert_int_equal(signer_signature(&raw, request, fields,
					  message->header.count, field, &err),
			 0);
	EVP_EncodeBlock(base64, (const unsigned char *)raw.data, (int)raw.len);
	assert_string_equal((const char *)base64, expected);
	buffer_release(&raw);
}

static void assert_body_hash(const struct signer_request *request,
			     const struct message *message)
{
	struct signer *signer;
	struct error err;
	char *value, *hash;

	assert_int_equal(signer_new(&signer, request, 1, &err), 0);
	assert_int_equal(signer_body(signer, message->body.data,
				     message->body.len, &err),
			 0);
	assert_int_equal(signer_sign(signer, message->header.fields,
				     message->header.count, &value, &err),
			 0);
	signer_free(&signer);
	hash = message_tag(value, "bh");
	assert_string_equal(hash, BODY_HASH);
	free(hash);
	free(value);
}

static void the_examples_are_signed_as_printed(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		struct signer_request request = {
			.algorithm = examples[i].algorithm,
			.domain = "example.com",
			.selector = "brisbane",
			.header_canon = examples[i].canon,
			.body_canon = examples[i].canon,
		};
		struct signing_key *key;
		struct message message;
		struct error err;
		EVP_PKEY *pkey;

		print_message("%s\n", examples[i].name);
		message_parse(&message, examples[i].text,
			      strlen(examples[i].text));
		pkey = parse_key(examples[i].key, examples[i].algorithm);
		assert_non_null(pkey);
		assert_int_equal(signing_key_new(&key, pkey,
						 examples[i].algorithm, &err),
				 0);
		request.key = key;
		assert_signature(&request, &message, examples[i].field,
				 examples[i].signature);
		assert_body_hash(&request, &message);
		signing_key_release(&key);
		EVP_PKEY_free(pkey);
		message_release(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_are_signed_as_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
