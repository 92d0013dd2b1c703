#include "tests/unit/test.h"

#include "tests/dkim/opendkim.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "tests/dkim/keys.h"
#include "tests/dkim/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Wants u_char and the like. */
#include <dkim.h>

struct opendkim {
	DKIM_LIB *lib;
	const struct test_keys *keys;
};

/* Where look_up() finds the records: it is handed no more than the message. */
static const struct test_keys *records;

static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *out, size_t size)
{
	const char *selector = (const char *)dkim_sig_getselector(sig);
	int i = strcmp(selector, "rsa") == 0 ? DKIM_RSA_SHA256
					     : DKIM_ED25519_SHA256;

	(void)dkim;
	(void)snprintf((char *)out, size, "%s", records->records[i]);
	return DKIM_CBSTAT_CONTINUE;
}

/*
 * Which fields are signed is written here once more, and not taken from the
 * signer: of what it leaves out, the oracle must not know less.
 */
struct opendkim *opendkim_open(const struct test_keys *keys)
{
	static const char *sign[] = {
		"From",	      "To",	      "Cc",	   "Subject",
		"Date",	      "Message-ID",   "Reply-To",  "In-Reply-To",
		"References", "MIME-Version", "Content-*", NULL
	};
	static const char *oversign[] = { "From",
					  "To",
					  "Cc",
					  "Subject",
					  "Date",
					  "Message-ID",
					  "Reply-To",
					  "In-Reply-To",
					  "References",
					  "MIME-Version",
					  "Content-Type",
					  "Content-Transfer-Encoding",
					  "Content-Disposition",
					  NULL };
	struct opendkim *opendkim = mem_alloc(sizeof(*opendkim));
	uint64_t now = TEST_TIME;
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	assert_non_null(lib);
	assert_int_equal(dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME,
				      &now, sizeof(now)),
			 DKIM_STAT_OK);
	assert_int_equal(dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_SIGNHDRS,
				      sign, sizeof(char **)),
			 DKIM_STAT_OK);
	assert_int_equal(dkim_options(lib, DKIM_OP_SETOPT,
				      DKIM_OPTS_OVERSIGNHDRS, oversign,
				      sizeof(char **)),
			 DKIM_STAT_OK);
	assert_int_equal(dkim_set_key_lookup(lib, look_up), DKIM_STAT_OK);
	records = keys;
	opendkim->lib = lib;
	opendkim->keys = keys;
	return opendkim;
}

void opendkim_close(struct opendkim **opendkim)
{
	dkim_close((*opendkim)->lib);
	free(*opendkim);
	*opendkim = NULL;
}

static bool has_control(const struct message *message)
{
	size_t i;

	for (i = 0; i < message->header.count; i++) {
		if (strpbrk(message->header.fields[i].value, "\v\f\r") != NULL)
			return true;
	}
	return false;
}

static bool has_lone_line_end(const struct buffer *body)
{
	size_t i;

	for (i = 0; i < body->len; i++) {
		bool cr = i > 0 && body->data[i - 1] == '\r';

		if (cr != (body->data[i] == '\n'))
			return true;
	}
	return body->len > 0 && body->data[body->len - 1] == '\r';
}

enum opendkim_fault opendkim_fault(const struct message *message,
				   const struct signer_request *request)
{
	if (has_lone_line_end(&message->body))
		return OPENDKIM_BODY;
	if (request->header_canon == CANON_RELAXED)
		return has_control(message) ? OPENDKIM_CONTROL : OPENDKIM_RIGHT;
	return request->algorithm == DKIM_ED25519_SHA256
		       ? OPENDKIM_ED25519_SIMPLE
		       : OPENDKIM_RIGHT;
}

static void
feed(DKIM *dkim, const struct message *message, const struct buffer *first)
{
	static u_char crlf[] = "\r\n";
	struct buffer field = BUFFER_INIT;
	const struct buffer *body = &message->body;
	size_t i;

	if (first != NULL)
		assert_int_equal(
			dkim_header(dkim, (u_char *)first->data, first->len),
			DKIM_STAT_OK);
	for (i = 0; i < message->header.count; i++) {
		buffer_clear(&field);
		message_wire_field(&field, &message->header.fields[i]);
		assert_int_equal(
			dkim_header(dkim, (u_char *)field.data, field.len),
			DKIM_STAT_OK);
	}
	buffer_release(&field);
	assert_int_equal(dkim_eoh(dkim), DKIM_STAT_OK);
	if (body->len > 0)
		assert_int_equal(
			dkim_body(dkim, (u_char *)body->data, body->len),
			DKIM_STAT_OK);
	/* It calls such a body a syntax error; the SMTP client adds it. */
	if (body->len > 0 && body->data[body->len - 1] != '\n')
		assert_int_equal(dkim_body(dkim, crlf, 2), DKIM_STAT_OK);
}

char *opendkim_sign(struct opendkim *opendkim, const struct message *message,
		    const struct signer_request *request)
{
	u_char *field;
	DKIM_STAT stat;
	size_t len;
	char *value;
	DKIM *dkim = dkim_sign(
		opendkim->lib, (const u_char *)"t", NULL,
		(u_char *)opendkim->keys->pems[request->algorithm],
		(const u_char *)request->selector,
		(const u_char *)request->domain,
		request->header_canon == CANON_RELAXED ? DKIM_CANON_RELAXED
						       : DKIM_CANON_SIMPLE,
		request->body_canon == CANON_RELAXED ? DKIM_CANON_RELAXED
						     : DKIM_CANON_SIMPLE,
		request->algorithm == DKIM_RSA_SHA256 ? DKIM_SIGN_RSASHA256
						      : DKIM_SIGN_ED25519SHA256,
		-1, &stat);

	assert_non_null(dkim);
	feed(dkim, message, NULL);
	assert_int_equal(dkim_eom(dkim, NULL), DKIM_STAT_OK);
	assert_int_equal(dkim_getsighdr_d(dkim, strlen("DKIM-Signature: "),
					  &field, &len),
			 DKIM_STAT_OK);
	value = mem_printf(" %s", (const char *)field);
	assert_int_equal(dkim_free(dkim), DKIM_STAT_OK);
	return value;
}

void opendkim_verify(struct opendkim *opendkim, const struct message *message,
		     const char *value)
{
	const struct policy_field field = { .name = "DKIM-Signature",
					    .value = value,
					    .value_len = strlen(value) };
	struct buffer wire = BUFFER_INIT;
	DKIM_STAT stat;
	DKIM *dkim =
		dkim_verify(opendkim->lib, (const u_char *)"t", NULL, &stat);
	DKIM_SIGINFO *sig;

	assert_non_null(dkim);
	message_wire_field(&wire, &field);
	feed(dkim, message, &wire);
	assert_int_equal(dkim_eom(dkim, NULL), DKIM_STAT_OK);
	sig = dkim_getsignature(dkim);
	assert_non_null(sig);
	assert_true(DKIM_SIG_CHECK(sig));
	assert_int_equal(dkim_free(dkim), DKIM_STAT_OK);
	buffer_release(&wire);
}
