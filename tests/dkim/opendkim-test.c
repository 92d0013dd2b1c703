/*
 * libopendkim as the oracle: it accepts our signatures, and signs as we do,
 * octet for octet. Its known faults are kept out of its sight.
 */
#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/signer.h"
#include "tests/dkim/keys.h"
#include "tests/dkim/message.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

/* Wants u_char and the like. */
#include <dkim.h>

/*
 * It leaks with every ed25519 signature that it makes, and keeps OpenSSL from
 * cleaning up at exit. Leaks of ours show in dkim-signer-test.
 */
__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libopendkim\nleak:libcrypto\n";
}

#define HEADER                                                                 \
	"From: Anna <anna@example.org>\r\n"                                    \
	"To: bert@example.com\r\n"                                             \
	"Subject: table\r\n"                                                   \
	"Date: Sun, 22 Nov 2026 01:02:03 +0000\r\n"                            \
	"Message-ID: <1@example.org>\r\n"

#define LINE_100                                                               \
	"0123456789012345678901234567890123456789012345678901234567890123456"  \
	"789012345678901234567890123456789"
#define LINE_900                                                               \
	LINE_100 LINE_100 LINE_100 LINE_100 LINE_100 LINE_100 LINE_100         \
		LINE_100 LINE_100

static const struct {
	const char *name;
	const char *text;
} messages[] = {
	{ "a plain message", HEADER "\r\nHi.\r\n" },
	{ "an empty body", HEADER "\r\n" },
	{ "no body at all", HEADER },
	{ "no last line end", HEADER "\r\nHi." },
	{ "trailing empty lines", HEADER "\r\nHi.\r\n\r\n\r\n\r\n" },
	{ "empty lines alone", HEADER "\r\n\r\n\r\n\r\n" },
	{ "runs of white space", HEADER "\r\n  a \t b  \t\r\n\t\r\n c\t\r\n" },
	{ "lines that are dots", HEADER "\r\n.\r\n..\r\n.a\r\n" },
	{ "8-bit text", HEADER "\r\n\xc3\xa4\xff\x80\r\n" },
	{ "long lines",
	  HEADER "\r\n" LINE_900 "\r\n" LINE_900 LINE_900 "\r\n" },
	{ "folded fields", "From: Anna\r\n\t<anna@example.org>\r\n"
			   "Subject: one\r\n two\r\n\tthree  \r\n"
			   "References: <1@example.org>\r\n <2@example.org>\r\n"
			   "\r\nHi.\r\n" },
	{ "white space around values", "From:anna@example.org\r\n"
				       "Subject:  \ta \t b\t \r\n"
				       "To:\r\nCc: \r\n\r\nHi.\r\n" },
	{ "names in odd case", "FROM: anna@example.org\r\n"
			       "sUBJECT: a\r\nMIME-version: 1.0\r\n"
			       "CONTENT-TYPE: text/plain\r\n\r\nHi.\r\n" },
	{ "fields that stand twice", "From: anna@example.org\r\n"
				     "To: one@example.com\r\nSubject: one\r\n"
				     "To: two@example.com\r\nSubject: two\r\n"
				     "To: three@example.com\r\n\r\nHi.\r\n" },
	{ "fields that are not signed",
	  "Received: from a by b; Sun, 22 Nov 2026 01:02:03 +0000\r\n"
	  "Sender: x@example.org\r\nList-Id: <a.example.org>\r\n"
	  "Resent-From: y@example.org\r\nX-Mailer: z\r\n" HEADER
	  "\r\nHi.\r\n" },
	{ "every MIME field",
	  HEADER "MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n"
		 " charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
		 "Content-Disposition: inline\r\nContent-Language: de\r\n"
		 "Content-ID: <c@example.org>\r\n"
		 "Content-Language: en\r\n\r\nHi.\r\n" },
	{ "8-bit values", "From: \"Anna M\xc3\xbcller\" <anna@example.org>\r\n"
			  "Subject: \xfc\xe4\xff\r\n\r\nHi.\r\n" },
	{ "a long field",
	  "From: anna@example.org\r\nSubject: " LINE_900 LINE_900
	  "\r\n\r\nHi.\r\n" },
};

static struct test_keys keys;

static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *out, size_t size)
{
	const char *selector = (const char *)dkim_sig_getselector(sig);
	int i = strcmp(selector, "rsa") == 0 ? DKIM_RSA_SHA256
					     : DKIM_ED25519_SHA256;

	(void)dkim;
	(void)snprintf((char *)out, size, "%s", keys.records[i]);
	return DKIM_CBSTAT_CONTINUE;
}

static void
feed(DKIM *dkim, const struct message *message, const struct buffer *first)
{
	static u_char crlf[] = "\r\n";
	struct buffer field = BUFFER_INIT;
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
	if (message->body.len > 0)
		assert_int_equal(dkim_body(dkim, (u_char *)message->body.data,
					   message->body.len),
				 DKIM_STAT_OK);
	/* It calls such a body a syntax error; the SMTP client adds it. */
	if (message->body.len > 0 &&
	    message->body.data[message->body.len - 1] != '\n')
		assert_int_equal(dkim_body(dkim, crlf, 2), DKIM_STAT_OK);
}

static void
assert_verifies(DKIM_LIB *lib, const struct message *message, const char *value)
{
	const struct policy_field field = { .name = "DKIM-Signature",
					    .value = value,
					    .value_len = strlen(value) };
	struct buffer wire = BUFFER_INIT;
	DKIM_STAT stat;
	DKIM *dkim = dkim_verify(lib, (const u_char *)"t", NULL, &stat);
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

static DKIM *sign_theirs(DKIM_LIB *lib, const struct message *message,
			 const struct signer_request *request)
{
	DKIM_STAT stat;
	DKIM *dkim = dkim_sign(
		lib, (const u_char *)"t", NULL,
		(u_char *)keys.pems[request->algorithm],
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
	return dkim;
}

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

static void compare(DKIM_LIB *lib, const struct message *message,
		    const struct signer_request *request, const char *ours)
{
	/* It signs, and checks, Ed25519 with a simple header wrongly. */
	bool broken = request->algorithm == DKIM_ED25519_SHA256 &&
		      request->header_canon == CANON_SIMPLE;
	DKIM *dkim = sign_theirs(lib, message, request);
	u_char *theirs;
	size_t len;

	assert_int_equal(dkim_getsighdr_d(dkim, strlen("DKIM-Signature: "),
					  &theirs, &len),
			 DKIM_STAT_OK);
	assert_same_body_hash(ours, (const char *)theirs);
	assert_same_names(ours, (const char *)theirs);
	if (!broken) {
		char *value = mem_printf(" %s", (const char *)theirs);

		assert_same_signature(message, request, value);
		assert_verifies(lib, message, ours);
		free(value);
	}
	assert_int_equal(dkim_free(dkim), DKIM_STAT_OK);
}

static void sign_and_compare(DKIM_LIB *lib, const struct message *message)
{
	struct signer_request requests[8];
	char *values[8];
	struct signer *signer;
	struct error err;
	size_t i;

	for (i = 0; i < 8; i++)
		requests[i] = test_request(
			&keys, i & 1 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256,
			i & 2 ? CANON_RELAXED : CANON_SIMPLE,
			i & 4 ? CANON_RELAXED : CANON_SIMPLE);
	assert_int_equal(signer_new(&signer, requests, 8, &err), 0);
	/* In two pieces, to cross a border. */
	assert_int_equal(signer_body(signer, message->body.data,
				     message->body.len / 2, &err),
			 0);
	assert_int_equal(
		signer_body(signer, message->body.data + message->body.len / 2,
			    message->body.len - message->body.len / 2, &err),
		0);
	assert_int_equal(signer_sign(signer, message->header.fields,
				     message->header.count, values, &err),
			 0);
	signer_free(&signer);
	for (i = 0; i < 8; i++) {
		compare(lib, message, &requests[i], values[i]);
		free(values[i]);
	}
}

static DKIM_LIB *open_library(void)
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
	return lib;
}

static void a_table_of_messages_is_signed_as_libopendkim_does(void **state)
{
	DKIM_LIB *lib = open_library();
	struct message message;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		print_message("%s\n", messages[i].name);
		message_parse_raw(&message, messages[i].text,
				  strlen(messages[i].text));
		sign_and_compare(lib, &message);
		message_release(&message);
	}
	dkim_close(lib);
}

/* Messages without From: libopendkim refuses to sign them. */
static bool has_from(const struct message *message)
{
	size_t i;

	for (i = 0; i < message->header.count; i++) {
		if (strcasecmp(message->header.fields[i].name, "From") == 0)
			return true;
	}
	return false;
}

static void real_messages_are_signed_as_libopendkim_does(void **state)
{
	static const char *const folders[] = { CORPUS "/lists",
					       CORPUS "/smime" };
	DKIM_LIB *lib = open_library();
	size_t i, done = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		DIR *folder = opendir(folders[i]);
		struct dirent *entry;

		while (folder != NULL && (entry = readdir(folder)) != NULL) {
			char *path =
				mem_printf("%s/%s", folders[i], entry->d_name);
			struct message message;

			if (strstr(path, ".eml") != NULL &&
			    message_load(&message, path)) {
				if (has_from(&message)) {
					sign_and_compare(lib, &message);
					done++;
				}
				message_release(&message);
			}
			free(path);
		}
		if (folder != NULL)
			(void)closedir(folder);
	}
	dkim_close(lib);
	print_message("%zu messages\n", done);
	if (done == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_table_of_messages_is_signed_as_libopendkim_does),
		cmocka_unit_test(real_messages_are_signed_as_libopendkim_does),
	};
	int failed;

	test_keys_init(&keys);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_keys_release(&keys);
	return failed;
}
