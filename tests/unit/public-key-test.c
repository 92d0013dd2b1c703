#include "tests/unit/test.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/public-key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t read_key(char text[PUBLIC_KEY_INPUT_MAX], const char *name)
{
	char *path = mem_printf("%s/keys/%s", TEST_DATA, name);
	FILE *file = fopen(path, "re");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, PUBLIC_KEY_INPUT_MAX, file);
	assert_int_equal(fclose(file), 0);
	free(path);
	return len;
}

/* What openssl said when the files were made. */
static void expected(char text_r[FINGERPRINT_TEXT_SIZE], const char *name)
{
	char text[PUBLIC_KEY_INPUT_MAX], *line;
	size_t len = read_key(text, "fingerprints");

	assert_true(len < sizeof(text));
	text[len] = '\0';
	line = strstr(text, name);
	assert_non_null(line);
	(void)snprintf(text_r, FINGERPRINT_TEXT_SIZE, "sha256:%.64s",
		       line + strlen(name) + 1);
}

static void a_key_has_one_fingerprint_in_all_three_forms(void **state)
{
	static const struct {
		const char *name;
		const char *type;
	} cases[] = {
		{ "p256", "P-256" },	   { "p384", "P-384" },
		{ "p521", "P-521" },	   { "ed25519", "Ed25519" },
		{ "rsa2048", "RSA-2048" }, { "rsa3072", "RSA-3072" },
	};
	static const char *const forms[] = { "crt", "pem", "pub" };
	char text[PUBLIC_KEY_INPUT_MAX], wanted[FINGERPRINT_TEXT_SIZE],
		got[FINGERPRINT_TEXT_SIZE];
	struct public_key key, again;
	struct error err;
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases) * ARRAY_SIZE(forms); i++) {
		const char *name = cases[i / ARRAY_SIZE(forms)].name;
		char *file;
		size_t len;

		j = i % ARRAY_SIZE(forms);
		file = mem_printf("%s.%s", name, forms[j]);
		print_message("%s\n", file);
		len = read_key(text, file);
		free(file);
		assert_int_equal(public_key_parse(&key, text, len, &err), 0);
		expected(wanted, name);
		fingerprint_format(got, &key.fingerprint);
		assert_string_equal(got, wanted);
		assert_string_equal(key.type,
				    cases[i / ARRAY_SIZE(forms)].type);
		assert_int_equal(public_key_from_spki(&again, key.spki,
						      key.spki_len, &err),
				 0);
		assert_memory_equal(&again.fingerprint, &key.fingerprint,
				    sizeof(key.fingerprint));
		assert_string_equal(again.type, key.type);
		assert_null(again.name);
		public_key_release(&again);
		public_key_release(&key);
	}
}

static void a_key_is_named_by_what_came_with_it(void **state)
{
	static const struct {
		const char *file;
		const char *name;
	} cases[] = {
		{ "p256.crt", "Laptop of Anna (p256)" },
		{ "p256.pub", "anna@laptop.example.org" },
		{ "p256.pem", NULL },
	};
	char text[PUBLIC_KEY_INPUT_MAX];
	struct public_key key;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = read_key(text, cases[i].file);

		print_message("%s\n", cases[i].file);
		assert_int_equal(public_key_parse(&key, text, len, &err), 0);
		if (cases[i].name != NULL)
			assert_string_equal(key.name, cases[i].name);
		else
			assert_null(key.name);
		public_key_release(&key);
	}
}

static void
refused(const char *name, const char *text, size_t len, const char *reason)
{
	struct public_key key;
	struct error err = { .text = "" };

	print_message("%s\n", name);
	assert_int_equal(public_key_parse(&key, text, len, &err), -1);
	if (strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
	assert_true(strlen(err.text) < sizeof(err.text) - 1);
	/* Or the next SSL_get_error() in a login process is wrong. */
	assert_int_equal(ERR_peek_error(), 0);
}

static void weak_and_unsupported_keys_are_refused_by_name(void **state)
{
	static const struct {
		const char *file;
		const char *reason;
	} cases[] = {
		{ "rsa1024.crt", "2048 to 16384 bits, and this one has 1024" },
		{ "rsa1024.pem", "2048 to 16384 bits, and this one has 1024" },
		{ "rsa1024.pub", "2048 to 16384 bits, and this one has 1024" },
		{ "dsa.pem", "DSA keys are weak" },
		{ "dsa.pub", "DSA keys are weak" },
		{ "ed448.crt", "Ed448 keys are refused" },
		{ "ed448.pem", "Ed448 keys are refused" },
		{ "x25519.pem", "X25519 keys cannot sign" },
		{ "x448.pem", "X448 keys cannot sign" },
		{ "pss.pem", "restricted to PSS" },
		{ "p224.crt", "the curve P-224 are not supported" },
		{ "p224.pem", "the curve P-224 are not supported" },
		{ "secp256k1.crt", "the curve secp256k1 are not supported" },
		{ "secp256k1.pem", "the curve secp256k1 are not supported" },
		{ "explicit.pem", "spells out its curve" },
		{ "compressed.pem", "written compressed" },
		{ "pkcs1.pem", "PKCS#1 public key" },
		{ "request.pem", "certificate request" },
		{ "trusted.pem", "OpenSSL's trust settings" },
		{ "rfc4716.pem", "RFC 4716 public key" },
		{ "certificate.pub", "OpenSSH certificate" },
		{ "security-key.pub", "FIDO security key (sk-...)" },
	};
	char text[PUBLIC_KEY_INPUT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		refused(cases[i].file, text, read_key(text, cases[i].file),
			cases[i].reason);
}

/* file, with before in front of it and after behind it. */
static void refused_around(const char *name, const char *before,
			   const char *file, const char *after,
			   const char *reason)
{
	static char key[PUBLIC_KEY_INPUT_MAX];
	size_t len = read_key(key, file);
	char *text = mem_printf("%s%.*s%s", before, (int)len, key, after);

	refused(name, text, strlen(text), reason);
	free(text);
}

static void more_than_one_plain_key_is_refused(void **state)
{
	static char chain[PUBLIC_KEY_INPUT_MAX], line[PUBLIC_KEY_INPUT_MAX];

	(void)state;
	chain[read_key(chain, "rsa2048.crt")] = '\0';
	line[read_key(line, "ed25519.pub")] = '\0';
	refused_around("a chain", "", "p256.crt", chain, "several PEM blocks");
	refused_around("two lines", "", "p256.pub", line, "more than one line");
	refused_around("text after PEM", "", "p256.crt", "x",
		       "after the -----END line");
	refused_around("text before PEM", "Bag Attributes\n", "p256.crt", "",
		       "before the -----BEGIN line");
	refused_around("command=", "command=\"true\" ", "p256.pub", "",
		       "options or other words");
	refused_around("from=", "from=\"192.0.2.0/24\" ", "p256.pub", "",
		       "options or other words");
	refused_around("restrict", "restrict ", "p256.pub", "",
		       "options or other words");
	refused_around("a known_hosts line", "mail.example.org ", "p256.pub",
		       "", "options or other words");
	refused_around("cert-authority", "cert-authority ", "p256.pub", "",
		       "cert-authority line");
	refused_around("cert-authority among options",
		       "restrict,cert-authority ", "p256.pub", "",
		       "cert-authority line");
	refused_around("@cert-authority", "@cert-authority *.example.org ",
		       "p256.pub", "", "cert-authority line");
}

static void private_keys_are_refused_with_a_warning(void **state)
{
	static const struct {
		const char *name;
		const char *text;
	} cases[] = {
		{ "PKCS#8", "-----BEGIN PRIVATE KEY-----\nAAAA\n" },
		{ "encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA" },
		{ "RSA", "-----BEGIN RSA PRIVATE KEY-----\r\nAAAA\r\n" },
		{ "after its parameters",
		  "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		  "-----END EC PARAMETERS-----\n"
		  "-----BEGIN EC PRIVATE KEY-----\nAAAA\n" },
		{ "OpenSSH", "\n-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA" },
		{ "PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\n" },
		{ "RFC 4716-like",
		  "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" },
		{ "PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		refused(cases[i].name, cases[i].text, strlen(cases[i].text),
			"take it as exposed");
	refused_around("behind a certificate", "", "p256.crt",
		       "-----BEGIN PRIVATE KEY-----\n", "take it as exposed");
}

static void what_is_not_a_key_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "nothing", "", "is empty" },
		{ "white space", " \r\n\t\n", "is empty" },
		{ "a sentence", "my key please", "neither a PEM certificate" },
		{ "a type without key", "ssh-ed25519", "base64 after" },
		{ "a type and no base64", "ssh-ed25519 anna@example.org",
		  "base64 after" },
		{ "another type inside",
		  "ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB anna",
		  "not of the type ssh-ed25519" },
		{ "a length beyond the end",
		  "ssh-ed25519 /////3NzaA==", "not of the type ssh-ed25519" },
		{ "a cut key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
		  "ssh-ed25519 key is damaged" },
		{ "a negative number", "ssh-rsa AAAAB3NzaC1yc2EAAAABgQAAAAGB",
		  "ssh-rsa key is damaged" },
		{ "BEGIN alone", "-----BEGIN CERTIFICATE-----",
		  "-----END line is missing" },
		{ "a BEGIN line without kind", "-----BEGIN \nAAAA\n",
		  "-----BEGIN line does not end" },
		{ "half of a BEGIN line", "-----BEGIN CERT",
		  "-----BEGIN line does not end" },
		{ "an END line of another kind",
		  "-----BEGIN CERTIFICATE-----\nAAAA\n"
		  "-----END PUBLIC KEY-----\n",
		  "-----END line does not match" },
		{ "an empty body",
		  "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		  "base64 between" },
		{ "header fields in PEM",
		  "-----BEGIN PUBLIC KEY-----\nProc-Type: 4\n\nAAAA\n"
		  "-----END PUBLIC KEY-----\n",
		  "base64 between" },
		{ "no certificate inside",
		  "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n"
		  "-----END CERTIFICATE-----\n",
		  "certificate is damaged" },
		{ "no key inside",
		  "-----BEGIN PUBLIC KEY-----\nMAMCAQE=\n"
		  "-----END PUBLIC KEY-----\n",
		  "public key is damaged" },
		{ "another kind of PEM",
		  "-----BEGIN PGP PUBLIC KEY BLOCK-----\nAAAA\n",
		  "kind \"PGP PUBLIC KEY BLOCK\"" },
	};
	static const char der[] = "0\x82\x01\x02\x30", nul[] = "ssh-rsa A\0A=";
	size_t i, len = PUBLIC_KEY_INPUT_MAX + 1;
	char *big = mem_alloc(len + 1);

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		refused(cases[i].name, cases[i].text, strlen(cases[i].text),
			cases[i].reason);
	refused("DER", der, sizeof(der) - 1, "binary");
	refused("a NUL", nul, sizeof(nul) - 1, "NUL");
	memset(big, 'A', len);
	refused("too much", big, len, "more than 65536 octets");
	free(big);
}

static void refused_spki(const char *name, const unsigned char *spki,
			 size_t len, const char *reason)
{
	struct public_key key;
	struct error err = { .text = "" };

	print_message("%s\n", name);
	assert_int_equal(public_key_from_spki(&key, spki, len, &err), -1);
	if (strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
	assert_int_equal(ERR_peek_error(), 0);
}

/* A key with a modulus of so many random bits. */
static size_t
rsa_spki(unsigned char **der_r, int bits, int bottom, const char *exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = NULL;
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	int len;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, bottom), 1);
	if (bottom == BN_RAND_BOTTOM_ANY)
		assert_int_equal(BN_clear_bit(n, 0), 1);
	assert_true(BN_hex2bn(&e, exponent) > 0);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, "n", n), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, "e", e), 1);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	*der_r = NULL;
	len = i2d_PUBKEY(pkey, der_r);
	assert_true(len > 0);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return (size_t)len;
}

static void rsa_numbers_have_bounds(void **state)
{
	static const struct {
		const char *name;
		int bits;
		int bottom;
		const char *exponent;
		const char *reason; /* NULL: accepted */
	} cases[] = {
		{ "2048 bits, exponent 3", 2048, BN_RAND_BOTTOM_ODD, "3",
		  NULL },
		{ "16384 bits", 16384, BN_RAND_BOTTOM_ODD, "10001", NULL },
		{ "an exponent of 64 bits", 2048, BN_RAND_BOTTOM_ODD,
		  "8000000000000001", NULL },
		{ "2047 bits", 2047, BN_RAND_BOTTOM_ODD, "10001",
		  "this one has 2047" },
		{ "16385 bits", 16385, BN_RAND_BOTTOM_ODD, "10001",
		  "this one has 16385" },
		{ "exponent 1", 2048, BN_RAND_BOTTOM_ODD, "1",
		  "public exponent" },
		{ "an even exponent", 2048, BN_RAND_BOTTOM_ODD, "10000",
		  "public exponent" },
		{ "an exponent of 65 bits", 2048, BN_RAND_BOTTOM_ODD,
		  "10000000000000001", "public exponent" },
		{ "an even modulus", 2048, BN_RAND_BOTTOM_ANY, "10001",
		  "modulus is even" },
	};
	struct public_key key;
	unsigned char *der;
	struct error err;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = rsa_spki(&der, cases[i].bits, cases[i].bottom,
			       cases[i].exponent);
		if (cases[i].reason != NULL) {
			refused_spki(cases[i].name, der, len, cases[i].reason);
		} else {
			print_message("%s\n", cases[i].name);
			assert_int_equal(
				public_key_from_spki(&key, der, len, &err), 0);
			public_key_release(&key);
		}
		OPENSSL_free(der);
	}
}

static void a_key_has_one_encoding(void **state)
{
	static const unsigned char infinity[] = {
		0x30, 0x19, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x02, 0x00, 0x00,
	};
	static char text[PUBLIC_KEY_INPUT_MAX];
	unsigned char *spki = (unsigned char *)text;
	size_t len;

	(void)state;
	refused_spki("nothing", spki, 0, "damaged");
	refused_spki("the point at infinity", infinity, sizeof(infinity),
		     "not a point of its curve");
	len = read_key(text, "p256.der");
	refused_spki("an octet more", spki, len + 1, "damaged");
	refused_spki("an octet less", spki, len - 1, "damaged");
	spki[len - 1] ^= 1;
	refused_spki("a point off the curve", spki, len, "damaged");
	len = read_key(text, "rsa2048.der");
	refused("DER where text is wanted", text, len, "binary");
	/* SEQUENCE, its AlgorithmIdentifier, and the NULL of RFC 3279 2.3.1. */
	assert_int_equal(spki[3], 0x22);
	assert_int_equal(spki[5], 0x0d);
	assert_memory_equal(spki + 17, "\x05\x00", 2);
	spki[3] -= 2;
	spki[5] -= 2;
	memmove(spki + 17, spki + 19, len - 19);
	refused_spki("RSA without its NULL", spki, len - 2,
		     "not written as RFC 5280");
}

/* y of each, little-endian; every other octet is the one in the middle. */
static void a_key_that_anybody_can_forge_is_refused(void **state)
{
	static const struct {
		const char *name;
		unsigned char first, middle, last;
	} cases[] = {
		{ "y = 0, of order 4", 0x00, 0x00, 0x00 },
		{ "y = 1, the neutral element", 0x01, 0x00, 0x00 },
		{ "y = -1, of order 2", 0xec, 0xff, 0x7f },
		{ "y = p, another 0", 0xed, 0xff, 0x7f },
		{ "y = p + 1, another 1", 0xee, 0xff, 0x7f },
	};
	static const char *const order_8[] = {
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc"
		"05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03"
		"7a",
	};
	static char text[PUBLIC_KEY_INPUT_MAX];
	unsigned char *spki = (unsigned char *)text, *point;
	size_t len = read_key(text, "ed25519.der"), i, sign;

	(void)state;
	assert_int_equal(len, 44);
	point = spki + 12;
	for (sign = 0; sign <= 0x80; sign += 0x80) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			memset(point, cases[i].middle, 32);
			point[0] = cases[i].first;
			point[31] = (unsigned char)(cases[i].last | sign);
			refused_spki(cases[i].name, spki, len, "small order");
		}
		for (i = 0; i < ARRAY_SIZE(order_8); i++) {
			assert_int_equal(OPENSSL_hexstr2buf_ex(point, 32, NULL,
							       order_8[i],
							       '\0'),
					 1);
			point[31] |= (unsigned char)sign;
			refused_spki("order 8", spki, len, "small order");
		}
	}
}

static void every_cut_and_every_changed_octet_is_survived(void **state)
{
	static const char *const files[] = { "p256.crt", "rsa2048.pem",
					     "ed25519.pub" };
	char text[PUBLIC_KEY_INPUT_MAX];
	struct public_key key;
	struct error err;
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		size_t len = read_key(text, files[i]);

		for (at = 0; at < len - 60; at++)
			assert_int_equal(public_key_parse(&key, text, at, &err),
					 -1);
		for (at = 0; at < len; at++) {
			text[at] ^= 1;
			if (public_key_parse(&key, text, len, &err) == 0)
				public_key_release(&key);
			text[at] ^= 1;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_one_fingerprint_in_all_three_forms),
		cmocka_unit_test(a_key_is_named_by_what_came_with_it),
		cmocka_unit_test(weak_and_unsupported_keys_are_refused_by_name),
		cmocka_unit_test(more_than_one_plain_key_is_refused),
		cmocka_unit_test(private_keys_are_refused_with_a_warning),
		cmocka_unit_test(what_is_not_a_key_is_refused),
		cmocka_unit_test(rsa_numbers_have_bounds),
		cmocka_unit_test(a_key_has_one_encoding),
		cmocka_unit_test(a_key_that_anybody_can_forge_is_refused),
		cmocka_unit_test(every_cut_and_every_changed_octet_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
