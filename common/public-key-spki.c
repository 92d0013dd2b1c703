#include "common/public-key.h"

#include "common/error.h"
#include "common/mem.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ED25519_SIZE 32
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384	 /* OPENSSL_RSA_MAX_MODULUS_BITS */
#define RSA_EXPONENT_BITS_MAX 64 /* OPENSSL_RSA_MAX_PUBEXP_BITS */

static int refuse_algorithm(const ASN1_OBJECT *algorithm, struct error *err_r)
{
	char name[80];

	switch (OBJ_obj2nid(algorithm)) {
	case NID_dsa:
		return error_set(err_r, "DSA keys are weak and refused: make "
					"a P-256 key");
	case NID_ED448:
		return error_set(err_r, "Ed448 keys are refused, since mail "
					"clients do not support them: make a "
					"P-256 key");
	case NID_X25519:
	case NID_X448:
		return error_set(err_r,
				 "%s keys cannot sign and so cannot log "
				 "in: make a P-256 or Ed25519 key",
				 OBJ_nid2sn(OBJ_obj2nid(algorithm)));
	case NID_rsassaPss:
		return error_set(err_r, "RSA keys restricted to PSS are "
					"refused, since not every client can "
					"use them: make a P-256 key");
	default:
		if (OBJ_obj2txt(name, sizeof(name), algorithm, 0) <= 0)
			(void)snprintf(name, sizeof(name), "unknown");
		return error_set(err_r,
				 "keys of the algorithm \"%s\" are not "
				 "supported: make a P-256 key",
				 name);
	}
}

static int
check_rsa(struct public_key *key, const EVP_PKEY *pkey, struct error *err_r)
{
	BIGNUM *exponent = NULL, *modulus = NULL;
	int bits = EVP_PKEY_get_bits(pkey), result = -1;

	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return error_set(err_r,
				 "RSA keys must have %d to %d bits, and this "
				 "one has %d: make a P-256 key, or RSA of "
				 "%d bits",
				 RSA_BITS_MIN, RSA_BITS_MAX, bits,
				 RSA_BITS_MIN);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) !=
		    1 ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &modulus) != 1)
		error_set(err_r, "the RSA key is damaged");
	else if (!BN_is_odd(exponent) || BN_is_one(exponent) ||
		 BN_num_bits(exponent) > RSA_EXPONENT_BITS_MAX)
		error_set(err_r,
			  "the RSA key's public exponent must be odd, "
			  "3 or more and of at most %d bits: make a new "
			  "key (65537 is usual)",
			  RSA_EXPONENT_BITS_MAX);
	else if (!BN_is_odd(modulus))
		error_set(err_r, "the RSA key's modulus is even, so anybody "
				 "can forge it: make a new key");
	else
		result = 0;
	BN_free(exponent);
	BN_free(modulus);
	(void)snprintf(key->type, sizeof(key->type), "RSA-%d", bits);
	return result;
}

static int check_curve(struct public_key *key, const X509_ALGOR *algorithm,
		       struct error *err_r)
{
	const void *value;
	const char *name;
	int value_type, nid;

	X509_ALGOR_get0(NULL, &value_type, &value, algorithm);
	if (value_type != V_ASN1_OBJECT)
		return error_set(err_r, "the EC key spells out its curve "
					"instead of naming it: make a new one "
					"with a named curve, P-256");
	nid = OBJ_obj2nid(value);
	name = EC_curve_nid2nist(nid);
	if (name == NULL)
		name = OBJ_nid2sn(nid);
	if (nid != NID_X9_62_prime256v1 && nid != NID_secp384r1 &&
	    nid != NID_secp521r1)
		return error_set(err_r,
				 "EC keys on the curve %s are not supported, "
				 "only P-256, P-384 and P-521: make a P-256 "
				 "key",
				 nid != NID_undef && name != NULL ? name
								  : "unknown");
	(void)snprintf(key->type, sizeof(key->type), "%s", name);
	return 0;
}

static int check_point(EVP_PKEY *pkey, const unsigned char *point, int len,
		       struct error *err_r)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	/* Reading it does not: infinity is read, too. */
	bool valid = ctx != NULL && EVP_PKEY_public_check_quick(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	if (!valid || len < 1)
		return error_set(err_r, "the EC key is not a point of its "
					"curve: make a new key");
	if (point[0] != POINT_CONVERSION_UNCOMPRESSED)
		return error_set(err_r,
				 "the EC key is written compressed, which "
				 "gives it another fingerprint in every "
				 "program: write it with \"openssl pkey -pubin "
				 "-ec_conv_form uncompressed\" or make a new "
				 "certificate");
	return 0;
}

/*
 * By a point of small order OpenSSL finds good what anybody signed. All
 * encodings of them, without the sign bit, with those that RFC 8032 5.1.3
 * forbids and OpenSSL reads.
 */
static int
check_ed25519(const unsigned char *point, int len, struct error *err_r)
{
	static const unsigned char weak[][ED25519_SIZE] = {
		{ 0x00 }, /* order 4 */
		{ 0x01 }, /* order 1 */
		/* order 8 */
		{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0,
		  0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		  0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
		  0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
		{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f,
		  0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		  0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
		  0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	};
	static const unsigned char ones[ED25519_SIZE - 2] = {
		[0 ... ED25519_SIZE - 3] = 0xff
	};
	unsigned char y[ED25519_SIZE];
	bool bad;
	size_t i;

	if (len != ED25519_SIZE)
		return error_set(err_r, "the Ed25519 key is damaged: copy it "
					"again, whole");
	memcpy(y, point, ED25519_SIZE);
	y[ED25519_SIZE - 1] &= 0x7f;
	/* p - 1 is of order 2; p and what follows are other points' copies. */
	bad = y[0] >= 0xec && memcmp(y + 1, ones, sizeof(ones)) == 0 &&
	      y[ED25519_SIZE - 1] == 0x7f;
	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		bad = bad || memcmp(y, weak[i], ED25519_SIZE) == 0;
	if (bad)
		return error_set(err_r,
				 "the Ed25519 key is a point of small order, "
				 "so anybody can forge it: make a new key");
	return 0;
}

/* What must hold of a key beyond that OpenSSL could read it. */
static int
check_key(struct public_key *key, const X509_PUBKEY *spki, struct error *err_r)
{
	EVP_PKEY *pkey = X509_PUBKEY_get0(spki);
	const unsigned char *octets;
	ASN1_OBJECT *algorithm;
	X509_ALGOR *identifier;
	int len, nid;

	X509_PUBKEY_get0_param(&algorithm, &octets, &len, &identifier, spki);
	nid = OBJ_obj2nid(algorithm);
	if (nid != NID_rsaEncryption && nid != NID_X9_62_id_ecPublicKey &&
	    nid != NID_ED25519)
		return refuse_algorithm(algorithm, err_r);
	if (nid == NID_X9_62_id_ecPublicKey &&
	    check_curve(key, identifier, err_r) < 0)
		return -1;
	if (pkey == NULL)
		return error_set(err_r,
				 "the %s key is damaged: copy it again, "
				 "whole",
				 OBJ_nid2sn(nid));
	if (nid == NID_X9_62_id_ecPublicKey)
		return check_point(pkey, octets, len, err_r);
	if (nid == NID_rsaEncryption)
		return check_rsa(key, pkey, err_r);
	(void)snprintf(key->type, sizeof(key->type), "Ed25519");
	return check_ed25519(octets, len, err_r);
}

/*
 * One key has one encoding and so one fingerprint, whoever computes it:
 * Postfix and Dovecot hash what stands in the certificate.
 */
static bool
is_canonical(const EVP_PKEY *pkey, const unsigned char *spki, size_t len)
{
	unsigned char *der = NULL;
	int der_len = i2d_PUBKEY(pkey, &der);
	bool same = der_len > 0 && (size_t)der_len == len &&
		    memcmp(der, spki, len) == 0;

	OPENSSL_free(der);
	return same;
}

static int read_spki(struct public_key *key, const unsigned char *spki,
		     size_t len, struct error *err_r)
{
	const unsigned char *end = spki;
	X509_PUBKEY *parsed = NULL;
	int result = -1;

	if (len <= PUBLIC_KEY_INPUT_MAX)
		parsed = d2i_X509_PUBKEY(NULL, &end, (long)len);
	if (parsed == NULL || end != spki + len)
		error_set(err_r, "the public key is damaged: copy it again, "
				 "whole");
	else if (check_key(key, parsed, err_r) < 0)
		;
	else if (!is_canonical(X509_PUBKEY_get0(parsed), spki, len))
		error_set(err_r,
			  "the %s key is not written as RFC 5280 wants "
			  "it, so that programs would disagree on its "
			  "fingerprint: write it again with \"openssl "
			  "pkey -pubin\" or make a new certificate",
			  key->type);
	else
		result = 0;
	X509_PUBKEY_free(parsed);
	return result;
}

int public_key_from_spki(struct public_key *key_r, const unsigned char *spki,
			 size_t len, struct error *err_r)
{
	struct public_key key = { .name = NULL };
	int result;

	ERR_set_mark();
	result = read_spki(&key, spki, len, err_r);
	ERR_pop_to_mark();
	if (result < 0)
		return -1;
	(void)SHA256(spki, len, key.fingerprint.sha256);
	key.spki = mem_alloc(len);
	memcpy(key.spki, spki, len);
	key.spki_len = len;
	*key_r = key;
	return 0;
}

void public_key_release(struct public_key *key)
{
	free(key->name);
	free(key->spki);
	*key = (struct public_key){ .name = NULL };
}
