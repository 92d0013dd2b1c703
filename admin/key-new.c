#include "admin/key-new.h"

#include "admin/files.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/unicode.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define YEARS 10
#define RSA_BITS 3072
#define SERIAL_BITS 128
#define PASSWORD_GROUPS 5
#define PASSWORD_GROUP 4

static const char *const suffixes[] = { ".key", ".crt", ".p12" };

#define SUFFIX_COUNT (sizeof(suffixes) / sizeof(suffixes[0]))

int key_new_type_parse(enum key_new_type *type_r, const char *text,
		       struct error *err_r)
{
	if (strcmp(text, "p256") == 0)
		*type_r = KEY_NEW_P256;
	else if (strcmp(text, "ed25519") == 0)
		*type_r = KEY_NEW_ED25519;
	else if (strcmp(text, "rsa") == 0)
		*type_r = KEY_NEW_RSA;
	else
		return error_set_as(err_r, EX_USAGE,
				    "\"%s\" is not a type of key that can be "
				    "made: give p256, ed25519 or rsa",
				    text);
	return 0;
}

time_t key_new_default_end(time_t from)
{
	struct tm parts;

	if (gmtime_r(&from, &parts) == NULL)
		abort();
	parts.tm_year += YEARS;
	return timegm(&parts);
}

char *key_new_password(void)
{
	/* 32 characters that are not taken for one another. */
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char random[PASSWORD_GROUPS * PASSWORD_GROUP];
	char password[PASSWORD_GROUPS * (PASSWORD_GROUP + 1)];
	size_t i, used = 0;
	char *copy;

	/* Without randomness nothing may be made. */
	if (RAND_priv_bytes(random, sizeof(random)) != 1)
		abort();
	for (i = 0; i < sizeof(random); i++) {
		if (i > 0 && i % PASSWORD_GROUP == 0)
			password[used++] = '-';
		password[used++] = letters[random[i] % 32];
	}
	password[used] = '\0';
	copy = mem_strdup(password);
	OPENSSL_cleanse(random, sizeof(random));
	OPENSSL_cleanse(password, sizeof(password));
	return copy;
}

static EVP_PKEY *generate(enum key_new_type type)
{
	switch (type) {
	case KEY_NEW_P256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case KEY_NEW_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case KEY_NEW_RSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
	}
	abort();
}

static bool set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	bool done = number != NULL &&
		    BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY,
			    BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(
			    number, X509_get_serialNumber(certificate)) != NULL;

	BN_free(number);
	return done;
}

static bool set_name(X509 *certificate, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);

	return X509_NAME_add_entry_by_NID(
		       subject, NID_commonName, MBSTRING_UTF8,
		       (const unsigned char *)name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, subject) == 1;
}

/* What clients look at before they offer it: no more and no less. */
static bool add_extensions(X509 *certificate)
{
	static const struct {
		int nid;
		const char *value;
	} extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "clientAuth" },
		{ NID_subject_key_identifier, "hash" },
	};
	X509V3_CTX ctx;
	size_t i;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		X509_EXTENSION *extension = X509V3_EXT_nconf_nid(
			NULL, &ctx, extensions[i].nid, extensions[i].value);
		bool added = extension != NULL &&
			     X509_add_ext(certificate, extension, -1) == 1;

		X509_EXTENSION_free(extension);
		if (!added)
			return false;
	}
	return true;
}

static X509 *
make_certificate(EVP_PKEY *pkey, const struct key_new_request *request)
{
	/* Ed25519 hashes by itself. */
	const EVP_MD *digest =
		request->type == KEY_NEW_ED25519 ? NULL : EVP_sha256();
	X509 *certificate = X509_new();

	if (certificate != NULL &&
	    X509_set_version(certificate, X509_VERSION_3) == 1 &&
	    set_serial(certificate) && set_name(certificate, request->name) &&
	    ASN1_TIME_set(X509_getm_notBefore(certificate), request->from) !=
		    NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(certificate),
			  request->until - 1) != NULL &&
	    X509_set_pubkey(certificate, pkey) == 1 &&
	    add_extensions(certificate) &&
	    X509_sign(certificate, pkey, digest) > 0)
		return certificate;
	X509_free(certificate);
	return NULL;
}

/* What was written into bio, as a string. */
static char *text_of(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return mem_strndup(data, (size_t)len);
}

static bool write_texts(struct key_new *made, EVP_PKEY *pkey, X509 *certificate)
{
	BIO *key = BIO_new(BIO_s_secmem()), *public = BIO_new(BIO_s_mem());
	bool done = key != NULL && public != NULL &&
		    PEM_write_bio_PrivateKey(key, pkey, NULL, NULL, 0, NULL,
					     NULL) == 1 &&
		    PEM_write_bio_X509(public, certificate) == 1;

	if (done) {
		made->key = text_of(key);
		made->certificate = text_of(public);
	}
	BIO_free(key);
	BIO_free(public);
	return done;
}

/* OpenSSL 3's defaults: PBES2 with AES-256-CBC, MAC with SHA-256. */
static bool write_p12(struct key_new *made, EVP_PKEY *pkey, X509 *certificate,
		      const struct key_new_request *request)
{
	PKCS12 *p12 = PKCS12_create(request->password, request->name, pkey,
				    certificate, NULL, 0, 0, 0, 0, 0);
	unsigned char *der = NULL;
	int len = p12 != NULL ? i2d_PKCS12(p12, &der) : -1;

	if (len > 0) {
		made->p12 = mem_alloc((size_t)len);
		made->p12_len = (size_t)len;
		memcpy(made->p12, der, (size_t)len);
	}
	OPENSSL_free(der);
	PKCS12_free(p12);
	return len > 0;
}

static int
check_request(const struct key_new_request *request, struct error *err_r)
{
	size_t len = strlen(request->name), characters = 0, i;

	if (unicode_check(request->name, len, err_r) < 0)
		return error_prefix(err_r, "the key's name");
	for (i = 0; i < len; i++)
		characters += (request->name[i] & 0xc0) != 0x80;
	/* RFC 5280 A.1: ub-common-name. */
	if (characters < 1 || characters > ub_common_name)
		return error_set(err_r,
				 "the key's name must have 1 to %d characters, "
				 "to stand in a certificate",
				 ub_common_name);
	if (request->until <= request->from)
		return error_set(err_r, "the end date is over already: give a "
					"later one");
	if (request->password[0] == '\0')
		return error_set(err_r, "the password of the .p12 file is "
					"empty");
	return 0;
}

int key_new_make(struct key_new *made_r, const struct key_new_request *request,
		 struct error *err_r)
{
	struct key_new made = { .key = NULL };
	X509 *certificate = NULL;
	EVP_PKEY *pkey;
	int result = -1;

	if (check_request(request, err_r) < 0)
		return -1;
	pkey = generate(request->type);
	if (pkey != NULL)
		certificate = make_certificate(pkey, request);
	if (certificate == NULL || !write_texts(&made, pkey, certificate) ||
	    !write_p12(&made, pkey, certificate, request))
		error_set_as(err_r, EX_SOFTWARE,
			     "OpenSSL can't make the key: "
			     "%s",
			     ERR_reason_error_string(ERR_peek_last_error()));
	else
		/* As `key add` would read it: what is made is accepted. */
		result = public_key_parse(&made.public_key, made.certificate,
					  strlen(made.certificate), err_r);
	X509_free(certificate);
	EVP_PKEY_free(pkey);
	if (result == 0)
		*made_r = made;
	else
		key_new_release(&made);
	return result;
}

void key_new_release(struct key_new *made)
{
	mem_wipe_string(&made->key);
	mem_free_string(&made->certificate);
	free(made->p12);
	made->p12 = NULL;
	public_key_release(&made->public_key);
}

static int write_file(const char *stem, size_t index, const void *data,
		      size_t len, struct error *err_r)
{
	char *path = mem_printf("%s%s", stem, suffixes[index]);
	int result = files_write(path, data, len, err_r);

	mem_free_string(&path);
	return result;
}

static void remove_files(const char *stem, size_t count)
{
	while (count-- > 0) {
		char *path = mem_printf("%s%s", stem, suffixes[count]);

		(void)files_remove(path, NULL);
		mem_free_string(&path);
	}
}

int key_new_write(const struct key_new *made, const char *stem,
		  struct error *err_r)
{
	const void *data[] = { made->key, made->certificate, made->p12 };
	size_t len[] = { strlen(made->key), strlen(made->certificate),
			 made->p12_len };
	size_t i;

	for (i = 0; i < SUFFIX_COUNT; i++) {
		if (write_file(stem, i, data[i], len[i], err_r) < 0) {
			/* Those before are ours, this one may not be. */
			remove_files(stem, i);
			return -1;
		}
	}
	return 0;
}

void key_new_remove(const char *stem)
{
	remove_files(stem, SUFFIX_COUNT);
}
