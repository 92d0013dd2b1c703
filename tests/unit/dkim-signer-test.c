#include "tests/unit/test.h"

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

static struct test_keys keys;

static char *
sign_one(const struct message *message, const struct signer_request *request)
{
	struct signer *signer;
	struct error err;
	char *value;

	assert_int_equal(signer_new(&signer, request, 1, &err), 0);
	assert_int_equal(signer_body(signer, message->body.data,
				     message->body.len, &err),
			 0);
	assert_int_equal(signer_sign(signer, message->header.fields,
				     message->header.count, &value, &err),
			 0);
	signer_free(&signer);
	return value;
}

static void h_names_what_is_there_from_below_and_seals_the_rest(void **state)
{
	static const char text[] = "Received: from a\r\n"
				   "DKIM-Signature: v=1\r\n"
				   "Sender: s@example.org\r\n"
				   "from: anna@example.org\r\n"
				   "Resent-To: r@example.org\r\n"
				   "To: one@example.com\r\n"
				   "To: two@example.com\r\n"
				   "List-Id: <l.example.org>\r\n"
				   "Content-Language: de\r\n"
				   "Content-TYPE: text/plain\r\n"
				   "Content-;x: not for h=\r\n"
				   "X-Other: x\r\n\r\nHi.\r\n";
	struct signer_request request = test_request(
		&keys, DKIM_ED25519_SHA256, CANON_RELAXED, CANON_SIMPLE);
	struct message message;
	char *value, *names;

	(void)state;
	message_parse(&message, text, strlen(text));
	value = sign_one(&message, &request);
	names = message_tag(value, "h");
	assert_string_equal(
		names, "From:From:To:To:To:Cc:Subject:Date:Message-ID:"
		       "Reply-To:In-Reply-To:References:MIME-Version:"
		       "Content-Type:Content-Type:Content-Transfer-Encoding:"
		       "Content-Disposition:Content-Language");
	free(names);
	free(value);
	message_release(&message);
}

static void assert_tag(const char *value, const char *tag, const char *expected)
{
	char *found = message_tag(value, tag);

	assert_string_equal(found, expected);
	free(found);
}

static void the_field_has_the_tags_asked_for_and_short_lines(void **state)
{
	struct signer_request request = test_request(
		&keys, DKIM_RSA_SHA256, CANON_RELAXED, CANON_SIMPLE);
	static const char text[] = "From: anna@example.org\r\n\r\nHi.\r\n";
	struct message message;
	char *value, *rest, *line;
	size_t column = strlen("DKIM-Signature:");

	(void)state;
	request.valid_seconds = 86400;
	request.domain = "a-rather-long-name-of-a-department.example.org";
	message_parse(&message, text, strlen(text));
	value = sign_one(&message, &request);
	assert_tag(value, "v", "1");
	assert_tag(value, "a", "rsa-sha256");
	assert_tag(value, "c", "relaxed/simple");
	assert_tag(value, "d", request.domain);
	assert_tag(value, "s", "rsa");
	assert_tag(value, "t", "1763772947");
	assert_tag(value, "x", "1763859347");
	assert_null(strstr(value, " l="));
	assert_int_equal(value[0], ' ');
	rest = value;
	while ((line = strsep(&rest, "\n")) != NULL) {
		assert_in_range(column + strlen(line), 2, 78);
		column = 0;
		assert_true(line[0] == ' ' || line[0] == '\t');
	}
	free(value);
	message_release(&message);
}

static void every_request_gets_what_it_would_get_alone(void **state)
{
	static const char text[] = "From: anna@example.org\r\nSubject:  a \r\n"
				   "\r\n a \t b \r\n\r\n\r\n";
	struct signer_request requests[8];
	struct signer *signer;
	struct message message;
	struct error err;
	char *values[8];
	size_t i;

	(void)state;
	message_parse(&message, text, strlen(text));
	for (i = 0; i < 8; i++)
		requests[i] = test_request(
			&keys, i & 1 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256,
			i & 2 ? CANON_RELAXED : CANON_SIMPLE,
			i & 4 ? CANON_RELAXED : CANON_SIMPLE);
	assert_int_equal(signer_new(&signer, requests, 8, &err), 0);
	for (i = 0; i < message.body.len; i++)
		assert_int_equal(
			signer_body(signer, message.body.data + i, 1, &err), 0);
	assert_int_equal(signer_sign(signer, message.header.fields,
				     message.header.count, values, &err),
			 0);
	signer_free(&signer);
	for (i = 0; i < 8; i++) {
		char *alone = sign_one(&message, &requests[i]);

		assert_string_equal(values[i], alone);
		free(alone);
		free(values[i]);
	}
	message_release(&message);
}

static void too_many_fields_are_an_error(void **state)
{
	struct signer_request request = test_request(
		&keys, DKIM_ED25519_SHA256, CANON_RELAXED, CANON_SIMPLE);
	struct policy_field fields[SIGNER_FIELDS_MAX];
	struct signer *signer;
	struct error err;
	char *value = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SIGNER_FIELDS_MAX; i++)
		fields[i] = (struct policy_field){ .name = "To",
						   .value = " a@example.com",
						   .value_len = 14 };
	assert_int_equal(signer_new(&signer, &request, 1, &err), 0);
	assert_int_equal(
		signer_sign(signer, fields, SIGNER_FIELDS_MAX, &value, &err),
		-1);
	assert_non_null(strstr(err.text, "too many fields to sign"));
	assert_null(value);
	signer_free(&signer);
}

static void a_key_that_cannot_sign_is_an_error(void **state)
{
	static const char text[] = "From: anna@example.org\r\n\r\nHi.\r\n";
	struct signer_request requests[2];
	struct signing_key *public_key;
	unsigned char public[32];
	size_t len = sizeof(public);
	EVP_PKEY *pkey;
	struct signer *signer;
	struct message message;
	struct error err;
	char *values[2] = { NULL, NULL };

	(void)state;
	message_parse(&message, text, strlen(text));
	requests[0] = test_request(&keys, DKIM_RSA_SHA256, CANON_RELAXED,
				   CANON_SIMPLE);
	requests[1] = test_request(&keys, DKIM_ED25519_SHA256, CANON_RELAXED,
				   CANON_SIMPLE);
	assert_int_equal(EVP_PKEY_get_raw_public_key(
				 keys.pkeys[DKIM_ED25519_SHA256], public, &len),
			 1);
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, len);
	assert_int_equal(
		signing_key_new(&public_key, pkey, DKIM_ED25519_SHA256, &err),
		0);
	EVP_PKEY_free(pkey);
	requests[1].key = public_key;
	assert_int_equal(signer_new(&signer, requests, 2, &err), 0);
	assert_int_equal(signer_sign(signer, message.header.fields,
				     message.header.count, values, &err),
			 -1);
	assert_non_null(strstr(err.text, "signing with Ed25519 failed"));
	assert_null(values[0]);
	assert_null(values[1]);
	signer_free(&signer);
	signing_key_release(&public_key);
	message_release(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			h_names_what_is_there_from_below_and_seals_the_rest),
		cmocka_unit_test(
			the_field_has_the_tags_asked_for_and_short_lines),
		cmocka_unit_test(every_request_gets_what_it_would_get_alone),
		cmocka_unit_test(too_many_fields_are_an_error),
		cmocka_unit_test(a_key_that_cannot_sign_is_an_error),
	};
	int failed;

	test_keys_init(&keys);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_keys_release(&keys);
	return failed;
}
