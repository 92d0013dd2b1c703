#include "milter-dkim/signer.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-dkim/header-choice.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FIELD_NAME "DKIM-Signature"
#define SHA256_SIZE 32
#define BASE64_SIZE(size) (((size) + 2) / 3 * 4 + 1)

/* RFC 5322 2.1.1: lines should have no more. */
#define LINE_MAX_COLUMNS 78

/* A body hash; it is not wanted if no request has its canonicalisation. */
struct body_hash {
	EVP_MD_CTX *md;
	struct canon_body canon;
	bool failed;
};

struct signer {
	const struct signer_request *requests;
	size_t count;
	struct body_hash bodies[CANON_COUNT];
};

static int set_openssl_error(struct error *err_r, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return error_set_as(err_r, EX_SOFTWARE, "%s failed: %s", what,
			    why != NULL ? why : "OpenSSL does not say why");
}

/* Looked up once: each look-up takes as long as hashing a kilobyte. */
static CRYPTO_ONCE sha256_once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *sha256_fetched;

static void fetch_sha256(void)
{
	sha256_fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* NULL if OpenSSL's configuration has none. */
static const EVP_MD *sha256(void)
{
	(void)CRYPTO_THREAD_run_once(&sha256_once, fetch_sha256);
	return sha256_fetched;
}

static void hash_body(void *context, const void *data, size_t len)
{
	struct body_hash *body = context;

	if (EVP_DigestUpdate(body->md, data, len) != 1)
		body->failed = true;
}

int signer_new(struct signer **signer_r, const struct signer_request *requests,
	       size_t count, struct error *err_r)
{
	struct signer *signer = mem_alloc(sizeof(*signer));
	size_t i;

	signer->requests = requests;
	signer->count = count;
	for (i = 0; i < count; i++) {
		struct body_hash *body =
			&signer->bodies[requests[i].body_canon];

		if (body->md == NULL)
			body->md = EVP_MD_CTX_new();
		if (body->md == NULL) {
			signer_free(&signer);
			return set_openssl_error(err_r, "SHA-256");
		}
	}
	if (signer_restart(signer, err_r) < 0) {
		signer_free(&signer);
		return -1;
	}
	*signer_r = signer;
	return 0;
}

int signer_restart(struct signer *signer, struct error *err_r)
{
	size_t i;

	for (i = 0; i < CANON_COUNT; i++) {
		struct body_hash *body = &signer->bodies[i];

		if (body->md == NULL)
			continue;
		if (sha256() == NULL ||
		    EVP_DigestInit_ex(body->md, sha256(), NULL) != 1)
			return set_openssl_error(err_r, "SHA-256");
		canon_body_init(&body->canon, (enum canon)i, hash_body, body);
	}
	return 0;
}

void signer_free(struct signer **signer)
{
	size_t i;

	if (*signer == NULL)
		return;
	for (i = 0; i < CANON_COUNT; i++)
		EVP_MD_CTX_free((*signer)->bodies[i].md);
	free(*signer);
	*signer = NULL;
}

int signer_body(struct signer *signer, const void *data, size_t len,
		struct error *err_r)
{
	size_t i;

	for (i = 0; i < CANON_COUNT; i++) {
		struct body_hash *body = &signer->bodies[i];

		if (body->md == NULL)
			continue;
		canon_body_update(&body->canon, data, len);
		if (body->failed)
			return set_openssl_error(err_r, "SHA-256");
	}
	return 0;
}

/* The value of bh=. */
static int finish_body(char base64[BASE64_SIZE(SHA256_SIZE)],
		       struct body_hash *body, struct error *err_r)
{
	unsigned char digest[SHA256_SIZE];

	canon_body_finish(&body->canon);
	if (body->failed || EVP_DigestFinal_ex(body->md, digest, NULL) != 1)
		return set_openssl_error(err_r, "SHA-256");
	EVP_EncodeBlock((unsigned char *)base64, digest, SHA256_SIZE);
	return 0;
}

static int
sign_rsa(struct buffer *signature, const struct signer_request *request,
	 const unsigned char digest[SHA256_SIZE], struct error *err_r)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(request->pkey, NULL);
	size_t len = (size_t)EVP_PKEY_get_size(request->pkey);
	unsigned char *raw = mem_alloc(len);
	int result = 0;

	if (context == NULL || EVP_PKEY_sign_init(context) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, sha256()) != 1 ||
	    EVP_PKEY_sign(context, raw, &len, digest, SHA256_SIZE) != 1)
		result = set_openssl_error(err_r, "signing with RSA");
	else
		buffer_append_bytes(signature, raw, len);
	free(raw);
	EVP_PKEY_CTX_free(context);
	return result;
}

/* RFC 8463 3: PureEdDSA over the SHA-256 hash. */
static int
sign_ed25519(struct buffer *signature, const struct signer_request *request,
	     const unsigned char digest[SHA256_SIZE], struct error *err_r)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char raw[64];
	size_t len = sizeof(raw);
	int result = 0;

	if (context == NULL ||
	    EVP_DigestSignInit(context, NULL, NULL, NULL, request->pkey) != 1 ||
	    EVP_DigestSign(context, raw, &len, digest, SHA256_SIZE) != 1)
		result = set_openssl_error(err_r, "signing with Ed25519");
	else
		buffer_append_bytes(signature, raw, len);
	EVP_MD_CTX_free(context);
	return result;
}

int signer_signature(struct buffer *signature,
		     const struct signer_request *request,
		     const struct policy_field *const *fields, size_t count,
		     const char *value, struct error *err_r)
{
	unsigned char digest[SHA256_SIZE];
	struct buffer text = BUFFER_INIT;
	int ok;
	size_t i;

	for (i = 0; i < count; i++)
		canon_header(&text, request->header_canon, fields[i]->name,
			     fields[i]->value, fields[i]->value_len);
	canon_header(&text, request->header_canon, FIELD_NAME, value,
		     strlen(value));
	/* RFC 6376 3.7: without the line end of the signature field itself. */
	ok = EVP_Digest(text.data, text.len - 2, digest, NULL, sha256(), NULL);
	buffer_release(&text);
	if (ok != 1)
		return set_openssl_error(err_r, "SHA-256");
	switch (request->algorithm) {
	case DKIM_RSA_SHA256:
		return sign_rsa(signature, request, digest, err_r);
	case DKIM_ED25519_SHA256:
		return sign_ed25519(signature, request, digest, err_r);
	}
	abort();
}

/* The field as it is written: column is where the last line stands. */
struct field {
	struct buffer text;
	size_t column;
};

static void field_fold(struct field *field)
{
	buffer_append_string(&field->text, "\n\t");
	field->column = 1;
}

/* A new line, if so many octets more would make this one too long. */
static void field_make_room(struct field *field, size_t len)
{
	if (field->column > 1 && field->column + len > LINE_MAX_COLUMNS)
		field_fold(field);
}

static void field_append(struct field *field, const char *text)
{
	size_t len = strlen(text);

	buffer_append_bytes(&field->text, text, len);
	field->column += len;
}

static void field_tag(struct field *field, const char *name, const char *value)
{
	field_make_room(field, strlen(" =;") + strlen(name) + strlen(value));
	if (field->column > 1)
		field_append(field, " ");
	field_append(field, name);
	field_append(field, "=");
	field_append(field, value);
	field_append(field, ";");
}

static void field_time(struct field *field, const char *name, time_t time)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)time);
	field_tag(field, name, text);
}

/* RFC 6376 3.5 h=: may be folded around its colons. */
static void field_header_list(struct field *field,
			      const struct header_choice *choices, size_t count)
{
	size_t i;

	field_append(field, "h=");
	for (i = 0; i < count; i++) {
		field_make_room(field, strlen(choices[i].name) + 1);
		field_append(field, choices[i].name);
		field_append(field, i + 1 < count ? ":" : ";");
	}
}

/* The value up to and with "b=". */
static void field_begin(struct field *field,
			const struct signer_request *request,
			const struct header_choice *choices, size_t count,
			const char *body_hash)
{
	static const char *const algorithms[DKIM_ALGORITHM_COUNT] = {
		[DKIM_RSA_SHA256] = "rsa-sha256",
		[DKIM_ED25519_SHA256] = "ed25519-sha256",
	};
	char canon[sizeof("relaxed/relaxed")];

	(void)snprintf(canon, sizeof(canon), "%s/%s",
		       canon_name(request->header_canon),
		       canon_name(request->body_canon));
	field->column = strlen(FIELD_NAME ":");
	field_tag(field, "v", "1");
	field_tag(field, "a", algorithms[request->algorithm]);
	field_tag(field, "c", canon);
	field_tag(field, "d", request->domain);
	field_tag(field, "s", request->selector);
	if (request->identity != NULL)
		field_tag(field, "i", request->identity);
	field_time(field, "t", request->time);
	if (request->valid_seconds > 0)
		field_time(field, "x", request->time + request->valid_seconds);
	field_fold(field);
	field_header_list(field, choices, count);
	field_fold(field);
	field_tag(field, "bh", body_hash);
	field_fold(field);
	field_append(field, "b=");
}

static void field_signature(struct field *field, const struct buffer *raw)
{
	char *base64 = mem_alloc(BASE64_SIZE(raw->len));
	const char *rest = base64;

	EVP_EncodeBlock((unsigned char *)base64,
			(const unsigned char *)raw->data, (int)raw->len);
	while (*rest != '\0') {
		size_t len = LINE_MAX_COLUMNS - field->column;

		if (len > strlen(rest))
			len = strlen(rest);
		buffer_append_bytes(&field->text, rest, len);
		rest += len;
		if (*rest != '\0')
			field_fold(field);
	}
	free(base64);
}

static int sign(char **value_r, const struct signer_request *request,
		const struct header_choice *choices, size_t choice_count,
		const char *body_hash, struct error *err_r)
{
	const struct policy_field *fields[SIGNER_FIELDS_MAX];
	struct field field = { .text = BUFFER_INIT };
	struct buffer raw = BUFFER_INIT;
	size_t count = 0, i;
	int result;

	for (i = 0; i < choice_count; i++) {
		if (choices[i].field != NULL)
			fields[count++] = choices[i].field;
	}
	field_begin(&field, request, choices, choice_count, body_hash);
	result = signer_signature(&raw, request, fields, count,
				  buffer_string(&field.text), err_r);
	if (result == 0) {
		field_signature(&field, &raw);
		*value_r = buffer_steal(&field.text);
	}
	buffer_release(&field.text);
	buffer_release(&raw);
	return result;
}

int signer_sign(struct signer *signer, const struct policy_field *fields,
		size_t count, char **values_r, struct error *err_r)
{
	char body_hashes[CANON_COUNT][BASE64_SIZE(SHA256_SIZE)];
	struct header_choice choices[SIGNER_FIELDS_MAX];
	size_t choice_count, i;

	choice_count = header_choose(choices, SIGNER_FIELDS_MAX, fields, count);
	if (choice_count > SIGNER_FIELDS_MAX)
		return error_set(err_r,
				 "the header has too many fields to sign, the "
				 "limit is %d",
				 SIGNER_FIELDS_MAX);
	for (i = 0; i < CANON_COUNT; i++) {
		if (signer->bodies[i].md != NULL &&
		    finish_body(body_hashes[i], &signer->bodies[i], err_r) < 0)
			return -1;
	}
	for (i = 0; i < signer->count; i++) {
		const struct signer_request *request = &signer->requests[i];

		if (sign(&values_r[i], request, choices, choice_count,
			 body_hashes[request->body_canon], err_r) < 0)
			break;
	}
	if (i == signer->count)
		return 0;
	while (i-- > 0)
		mem_free_string(&values_r[i]);
	return -1;
}
