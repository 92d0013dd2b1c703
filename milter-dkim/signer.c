#include "milter-dkim/signer.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/openssl-error.h"
#include "common/policy.h"
#include "milter-dkim/header-choice.h"
#include "milter-dkim/sha256.h"
#include "milter-dkim/signing-key.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_NAME "DKIM-Signature"
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
			return openssl_error_set(err_r, "SHA-256");
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
			return openssl_error_set(err_r, "SHA-256");
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
			return openssl_error_set(err_r, "SHA-256");
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
		return openssl_error_set(err_r, "SHA-256");
	EVP_EncodeBlock((unsigned char *)base64, digest, SHA256_SIZE);
	return 0;
}

static void canon_fields(struct buffer *text, enum canon canon,
			 const struct policy_field *const *fields, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		canon_header(text, canon, fields[i]->name, fields[i]->value,
			     fields[i]->value_len);
}

/* The text of the fields is as before, afterwards. */
static int
sign_text(struct buffer *signature, const struct signer_request *request,
	  struct buffer *fields, const char *value, struct error *err_r)
{
	size_t len = fields->len;
	int result;

	canon_header(fields, request->header_canon, FIELD_NAME, value,
		     strlen(value));
	/* RFC 6376 3.7: without the line end of the signature field itself. */
	result = signing_key_sign(signature, request->key, fields->data,
				  fields->len - 2, err_r);
	fields->len = len;
	fields->data[len] = '\0';
	return result;
}

int signer_signature(struct buffer *signature,
		     const struct signer_request *request,
		     const struct policy_field *const *fields, size_t count,
		     const char *value, struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	int result;

	canon_fields(&text, request->header_canon, fields, count);
	result = sign_text(signature, request, &text, value, err_r);
	buffer_release(&text);
	return result;
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

/* What all signatures of a message have in common. */
struct message {
	struct header_choice choices[SIGNER_FIELDS_MAX];
	const struct policy_field *fields[SIGNER_FIELDS_MAX];
	size_t choice_count, field_count;
	struct buffer texts[CANON_COUNT]; /* of the fields, where wanted */
	char body_hashes[CANON_COUNT][BASE64_SIZE(SHA256_SIZE)];
};

static int read_message(struct message *message, struct signer *signer,
			const struct policy_field *fields, size_t count,
			struct error *err_r)
{
	size_t i;

	message->field_count = 0;
	message->choice_count = header_choose(message->choices,
					      SIGNER_FIELDS_MAX, fields, count);
	if (message->choice_count > SIGNER_FIELDS_MAX)
		return error_set(err_r,
				 "the header has too many fields to sign, the "
				 "limit is %d",
				 SIGNER_FIELDS_MAX);
	for (i = 0; i < message->choice_count; i++) {
		const struct policy_field *field = message->choices[i].field;

		if (field != NULL)
			message->fields[message->field_count++] = field;
	}
	for (i = 0; i < CANON_COUNT; i++) {
		message->texts[i] = (struct buffer)BUFFER_INIT;
		if (signer->bodies[i].md != NULL &&
		    finish_body(message->body_hashes[i], &signer->bodies[i],
				err_r) < 0)
			return -1;
	}
	return 0;
}

static int sign(char **value_r, const struct signer_request *request,
		struct message *message, struct error *err_r)
{
	struct buffer *text = &message->texts[request->header_canon];
	struct field field = { .text = BUFFER_INIT };
	struct buffer raw = BUFFER_INIT;
	int result;

	if (text->len == 0)
		canon_fields(text, request->header_canon, message->fields,
			     message->field_count);
	field_begin(&field, request, message->choices, message->choice_count,
		    message->body_hashes[request->body_canon]);
	result = sign_text(&raw, request, text, buffer_string(&field.text),
			   err_r);
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
	struct message message;
	size_t signatures = 0, i;

	if (read_message(&message, signer, fields, count, err_r) < 0)
		return -1;
	while (signatures < signer->count &&
	       sign(&values_r[signatures], &signer->requests[signatures],
		    &message, err_r) == 0)
		signatures++;
	for (i = 0; i < CANON_COUNT; i++)
		buffer_release(&message.texts[i]);
	if (signatures == signer->count)
		return 0;
	while (signatures > 0)
		mem_free_string(&values_r[--signatures]);
	return -1;
}
