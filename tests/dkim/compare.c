#include "tests/unit/test.h"

#include "tests/dkim/compare.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/signer.h"
#include "tests/dkim/keys.h"
#include "tests/dkim/message.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS (DKIM_ALGORITHM_COUNT * CANON_COUNT * CANON_COUNT)

/* Bodies up to this length are cut everywhere. */
#define CUT_MAX 400

/* What a milter gets of a body at a time. */
#define PIECE_MAX 65535

/* The fields that h= names, each name taking the next instance from below. */
static size_t pick(const struct policy_field **picked,
		   const struct message *message, char *names)
{
	bool *used = mem_array(message->header.count, sizeof(*used));
	size_t count = 0;
	char *name;

	while ((name = strsep(&names, ":")) != NULL) {
		size_t i = message->header.count;

		while (i-- > 0) {
			if (!used[i] &&
			    strcasecmp(message->header.fields[i].name, name) ==
				    0) {
				used[i] = true;
				picked[count++] = &message->header.fields[i];
				break;
			}
		}
	}
	free(used);
	return count;
}

/* Our signature over their DKIM-Signature text is theirs. */
static void assert_same_signature(const struct message *message,
				  const struct signer_request *request,
				  const char *theirs)
{
	const struct policy_field *picked[SIGNER_FIELDS_MAX];
	char *names = message_tag(theirs, "h");
	char *expected = message_tag(theirs, "b");
	char *text = mem_strdup(theirs), *cut, *base64;
	struct buffer raw = BUFFER_INIT;
	struct error err;
	size_t count;

	count = pick(picked, message, names);
	/* b= is its last tag; its value is not part of what is signed. */
	cut = strrchr(text, ';');
	assert_non_null(cut);
	cut = strchr(cut, '=');
	assert_non_null(cut);
	cut[1] = '\0';
	assert_int_equal(
		signer_signature(&raw, request, picked, count, text, &err), 0);
	base64 = mem_alloc(raw.len * 2);
	EVP_EncodeBlock((unsigned char *)base64,
			(const unsigned char *)raw.data, (int)raw.len);
	assert_string_equal(base64, expected);
	free(base64);
	free(names);
	free(expected);
	free(text);
	buffer_release(&raw);
}

static void assert_same_names(const char *ours, const char *theirs)
{
	char *our_names = message_tag(ours, "h"), *rest = our_names, *name;
	char *their_names = message_tag(theirs, "h");
	char *haystack = mem_printf(":%s:", their_names);

	assert_int_equal(strlen(our_names), strlen(their_names));
	while ((name = strsep(&rest, ":")) != NULL) {
		char *needle = mem_printf(":%s:", name);
		char *found = strcasestr(haystack, needle);

		assert_non_null(found);
		/* Each stands for one. */
		memset(found + 1, '-', strlen(name));
		free(needle);
	}
	free(our_names);
	free(their_names);
	free(haystack);
}

static void assert_same_body_hash(const char *ours, const char *theirs)
{
	char *our_hash = message_tag(ours, "bh");
	char *their_hash = message_tag(theirs, "bh");

	assert_string_equal(our_hash, their_hash);
	free(our_hash);
	free(their_hash);
}

/* True if libopendkim has the last word. */
static bool decide(struct compare *compare, const struct message *message,
		   const struct signer_request *request, const char *ours)
{
	enum opendkim_fault fault = opendkim_fault(message, request);
	char *theirs;

	compare->signatures++;
	compare->faults[fault]++;
	if (fault == OPENDKIM_BODY)
		return false;
	theirs = opendkim_sign(compare->opendkim, message, request);
	assert_same_body_hash(ours, theirs);
	assert_same_names(ours, theirs);
	if (fault == OPENDKIM_RIGHT) {
		assert_same_signature(message, request, theirs);
		opendkim_verify(compare->opendkim, message, ours);
	}
	free(theirs);
	return fault == OPENDKIM_RIGHT;
}

static void sign_in_pieces(struct compare *compare, char **values,
			   const struct message *message,
			   const struct signer_request *requests)
{
	const struct buffer *body = &message->body;
	size_t max = rand_r(&compare->seed) % 2 == 0 ? 16 : PIECE_MAX, at, len;
	struct signer *signer;
	struct error err;

	assert_int_equal(signer_new(&signer, requests, REQUESTS, &err), 0);
	if (body->len > CUT_MAX)
		max = PIECE_MAX;
	for (at = 0; at < body->len; at += len) {
		len = 1 + (size_t)rand_r(&compare->seed) % max;
		if (len > body->len - at)
			len = body->len - at;
		assert_int_equal(
			signer_body(signer, body->data + at, len, &err), 0);
	}
	assert_int_equal(signer_sign(signer, message->header.fields,
				     message->header.count, values, &err),
			 0);
	signer_free(&signer);
}

static void collect(void *context, const void *data, size_t len)
{
	buffer_append_bytes(context, data, len);
}

static void canonicalise(struct buffer *out, enum canon canon,
			 const struct buffer *text, size_t cut)
{
	struct canon_body body;

	buffer_clear(out);
	canon_body_init(&body, canon, collect, out);
	canon_body_update(&body, buffer_string(text), cut);
	canon_body_update(&body, buffer_string(text) + cut, text->len - cut);
	canon_body_finish(&body);
}

/* Cut in two at each place, the body has the same canonical form. */
static void cut_everywhere(struct compare *compare, const struct buffer *body)
{
	struct buffer whole = BUFFER_INIT, out = BUFFER_INIT;
	size_t cut;
	int canon;

	for (canon = 0; canon < CANON_COUNT && body->len <= CUT_MAX; canon++) {
		canonicalise(&whole, (enum canon)canon, body, 0);
		for (cut = 1; cut < body->len; cut++) {
			canonicalise(&out, (enum canon)canon, body, cut);
			assert_int_equal(out.len, whole.len);
			assert_memory_equal(buffer_string(&out),
					    buffer_string(&whole), out.len);
			compare->cuts++;
		}
	}
	buffer_release(&whole);
	buffer_release(&out);
}

/* Each with its length in a line of its own before it. */
static void put(FILE *out, const void *data, size_t len)
{
	(void)fprintf(out, "%zu\n", len);
	(void)fwrite(data, 1, len, out);
}

/* The number of fields, each as it is sent, the body, and the signature. */
static void
put_undecided(FILE *out, const struct message *message, const char *value)
{
	struct buffer field = BUFFER_INIT;
	size_t i;

	(void)fprintf(out, "%zu\n", message->header.count);
	for (i = 0; i < message->header.count; i++) {
		buffer_clear(&field);
		message_wire_field(&field, &message->header.fields[i]);
		put(out, field.data, field.len);
	}
	put(out, buffer_string(&message->body), message->body.len);
	put(out, value, strlen(value));
	buffer_release(&field);
}

void compare_message(struct compare *compare, const struct message *message)
{
	struct signer_request requests[REQUESTS];
	char *values[REQUESTS];
	size_t i;

	for (i = 0; i < REQUESTS; i++)
		requests[i] = test_request(
			compare->keys,
			i & 1 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256,
			i & 2 ? CANON_RELAXED : CANON_SIMPLE,
			i & 4 ? CANON_RELAXED : CANON_SIMPLE);
	sign_in_pieces(compare, values, message, requests);
	for (i = 0; i < REQUESTS; i++) {
		if (!decide(compare, message, &requests[i], values[i]))
			put_undecided(compare->undecided, message, values[i]);
		free(values[i]);
	}
	cut_everywhere(compare, &message->body);
	compare->messages++;
}
