#include "common/openssh-key.h"

#include "common/base64.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/span.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The octets of a key, cut into length-prefixed strings (RFC 4251 5). */
struct blob {
	const unsigned char *at;
	size_t len;
};

struct key_type {
	const char *name;
	EVP_PKEY *(*read)(struct blob *blob, const struct key_type *type);
	const char *curve, *group; /* by RFC 5656, by OpenSSL */
};

static bool equals(const struct blob *blob, const char *text)
{
	return blob->len == strlen(text) &&
	       memcmp(blob->at, text, blob->len) == 0;
}

static bool take_string(struct blob *blob, struct blob *string_r)
{
	uint32_t len;

	if (blob->len < 4)
		return false;
	len = (uint32_t)blob->at[0] << 24 | (uint32_t)blob->at[1] << 16 |
	      (uint32_t)blob->at[2] << 8 | (uint32_t)blob->at[3];
	if (len > blob->len - 4)
		return false;
	string_r->at = blob->at + 4;
	string_r->len = len;
	blob->at += 4 + len;
	blob->len -= 4 + len;
	return true;
}

/* A positive number in its only encoding. */
static bool take_number(struct blob *blob, struct blob *number_r)
{
	if (!take_string(blob, number_r) || number_r->len == 0 ||
	    (number_r->at[0] & 0x80) != 0)
		return false;
	if (number_r->at[0] == 0) {
		number_r->at++;
		number_r->len--;
		return number_r->len > 0 && (number_r->at[0] & 0x80) != 0;
	}
	return true;
}

static EVP_PKEY *key_from(const char *algorithm, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

static EVP_PKEY *rsa_key(struct blob *blob, const struct key_type *type)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *exponent = NULL, *modulus = NULL;
	EVP_PKEY *pkey = NULL;
	struct blob e, n;

	(void)type;
	if (take_number(blob, &e) && take_number(blob, &n)) {
		exponent = BN_bin2bn(e.at, (int)e.len, NULL);
		modulus = BN_bin2bn(n.at, (int)n.len, NULL);
		if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N,
					   modulus) == 1 &&
		    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E,
					   exponent) == 1)
			pkey = key_from("RSA", build);
	}
	BN_free(exponent);
	BN_free(modulus);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static EVP_PKEY *ec_key(struct blob *blob, const struct key_type *type)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	struct blob name, point;
	EVP_PKEY *pkey = NULL;

	/* RFC 5656 3.1 allows compressed points, OpenSSH does not. */
	if (take_string(blob, &name) && equals(&name, type->curve) &&
	    take_string(blob, &point) && point.len > 0 &&
	    point.at[0] == POINT_CONVERSION_UNCOMPRESSED &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
					    type->group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
					     point.at, point.len) == 1)
		pkey = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static EVP_PKEY *ed25519_key(struct blob *blob, const struct key_type *type)
{
	struct blob point;

	(void)type;
	if (!take_string(blob, &point))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.at,
					   point.len);
}

static const struct key_type types[] = {
	{ .name = "ssh-ed25519", .read = ed25519_key },
	{ .name = "ecdsa-sha2-nistp256",
	  .read = ec_key,
	  .curve = "nistp256",
	  .group = "P-256" },
	{ .name = "ecdsa-sha2-nistp384",
	  .read = ec_key,
	  .curve = "nistp384",
	  .group = "P-384" },
	{ .name = "ecdsa-sha2-nistp521",
	  .read = ec_key,
	  .curve = "nistp521",
	  .group = "P-521" },
	{ .name = "ssh-rsa", .read = rsa_key },
};

static const struct key_type *find_type(const struct span *word)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (span_equals(word, types[i].name))
			return &types[i];
	}
	return NULL;
}

/* Types that OpenSSH knows and that are of no use here. */
static const char *why_refused(const struct span *word)
{
	static const char security_key[] =
		"this is the key of a FIDO security key (sk-...), which cannot "
		"make a TLS login: give an Ed25519, ECDSA or RSA key";
	static const struct {
		const char *start;
		const char *reason;
	} refused[] = {
		{ "sk-", security_key },
		{ "webauthn-sk-", security_key },
		{ "ssh-dss", "DSA keys are weak and refused: make a P-256 "
			     "key" },
		{ "ssh-ed448", "Ed448 keys are refused, since mail clients do "
			       "not support them: make a P-256 key" },
	};
	size_t i;

	if (span_ends_with(word, "-cert-v01@openssh.com"))
		return "this is an OpenSSH certificate, which TLS does not "
		       "know: give the plain public key";
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (span_starts_with(word, refused[i].start))
			return refused[i].reason;
	}
	return NULL;
}

static bool names_a_type(struct span line)
{
	struct span word;

	do {
		word = span_take_word(&line);
		if (find_type(&word) != NULL || why_refused(&word) != NULL)
			return true;
	} while (word.len > 0);
	return false;
}

/* Say what the line is whose first word is not a type that we take. */
static int refuse(struct span line, struct error *err_r)
{
	struct span rest = line, word = span_take_word(&rest);
	const char *reason = why_refused(&word);

	if (reason != NULL)
		return error_set(err_r, "%s", reason);
	if (!names_a_type(line))
		return error_set(err_r,
				 "this is neither a PEM certificate, a PEM "
				 "public key nor an OpenSSH public key line of "
				 "a type that is supported (ssh-ed25519, "
				 "ecdsa-sha2-nistp256, -384, -521, ssh-rsa)");
	if (span_find(&line, "cert-authority") != NULL)
		return error_set(err_r, "this is a cert-authority line, and "
					"logins by certificate authority do "
					"not exist here: give each device's "
					"own public key");
	return error_set(err_r, "options or other words stand before the key's "
				"type, and they would have no effect here: "
				"give the line from the type on");
}

static int read_blob(EVP_PKEY **pkey_r, const struct key_type *type,
		     const unsigned char *data, size_t len, struct error *err_r)
{
	struct blob blob = { .at = data, .len = len }, name;
	EVP_PKEY *pkey;

	if (!take_string(&blob, &name) || !equals(&name, type->name))
		return error_set(err_r,
				 "the key inside is not of the type %s that "
				 "the line names: copy the line again, whole",
				 type->name);
	pkey = type->read(&blob, type);
	if (pkey == NULL || blob.len > 0) {
		EVP_PKEY_free(pkey);
		return error_set(err_r,
				 "the %s key is damaged: copy the line again, "
				 "whole",
				 type->name);
	}
	*pkey_r = pkey;
	return 0;
}

int openssh_key_parse(unsigned char **spki_r, size_t *spki_len_r,
		      char **comment_r, const struct span *line,
		      struct error *err_r)
{
	struct span rest = *line, word;
	unsigned char *data, *der = NULL;
	const struct key_type *type;
	EVP_PKEY *pkey = NULL;
	int der_len, result;
	size_t data_len;

	if (span_find(line, "\n") != NULL || span_find(line, "\r") != NULL)
		return error_set(err_r, "there is more than one line: give "
					"one OpenSSH public key at a time");
	word = span_take_word(&rest);
	type = find_type(&word);
	if (type == NULL)
		return refuse(*line, err_r);
	word = span_take_word(&rest);
	if (word.len == 0 || !base64_parse(&data, &data_len, word.at, word.len))
		return error_set(err_r,
				 "the base64 after %s is damaged: copy the "
				 "line again, whole",
				 type->name);
	result = read_blob(&pkey, type, data, data_len, err_r);
	free(data);
	if (result < 0)
		return -1;
	der_len = i2d_PUBKEY(pkey, &der);
	EVP_PKEY_free(pkey);
	if (der_len <= 0)
		return error_set(err_r, "the %s key is damaged", type->name);
	*spki_r = mem_alloc((size_t)der_len);
	memcpy(*spki_r, der, (size_t)der_len);
	*spki_len_r = (size_t)der_len;
	OPENSSL_free(der);
	rest = span_trim(rest);
	*comment_r = rest.len > 0 ? mem_strndup(rest.at, rest.len) : NULL;
	return 0;
}
