/*
 * Our signatures beside libopendkim's, of messages from a table, of awkward
 * ones and of real ones; signatures.py runs it and has dkimpy decide the rest.
 *
 * usage: opendkim-test MESSAGES UNDECIDED
 */
#include "tests/unit/test.h"

#include "common/mem.h"
#include "tests/dkim/awkward.h"
#include "tests/dkim/compare.h"
#include "tests/dkim/keys.h"
#include "tests/dkim/message.h"
#include "tests/dkim/opendkim.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

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

static struct compare compare;
static unsigned int awkward_messages;

static void a_table_of_messages_is_signed_alike(void **state)
{
	struct message message;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		print_message("%s\n", messages[i].name);
		message_parse_raw(&message, messages[i].text,
				  strlen(messages[i].text));
		compare_message(&compare, &message);
		message_release(&message);
	}
	/* Of proper messages it judges all, but Ed25519 over a simple header.
	 */
	assert_int_equal(compare.faults[OPENDKIM_RIGHT],
			 ARRAY_SIZE(messages) * 6);
}

static void awkward_messages_are_signed_alike(void **state)
{
	struct message message;
	unsigned int number;

	(void)state;
	for (number = 1; number <= awkward_messages; number++) {
		awkward_message(&message, number);
		compare_message(&compare, &message);
		message_release(&message);
		if (number % 500 == 0)
			print_message("%u awkward messages\n", number);
	}
}

/* Messages without From: libopendkim refuses to sign them, as we do. */
static bool has_from(const struct message *message)
{
	size_t i;

	for (i = 0; i < message->header.count; i++) {
		if (strcasecmp(message->header.fields[i].name, "From") == 0)
			return true;
	}
	return false;
}

static void compare_folder(const char *path, size_t *done, size_t *without_from)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		char *file = mem_printf("%s/%s", path, entry->d_name);
		struct message message;

		if (strstr(file, ".eml") != NULL &&
		    message_load(&message, file)) {
			if (has_from(&message)) {
				compare_message(&compare, &message);
				++*done;
			} else {
				++*without_from;
			}
			message_release(&message);
		}
		free(file);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

static void real_messages_are_signed_alike(void **state)
{
	size_t done = 0, without_from = 0;

	(void)state;
	compare_folder(CORPUS "/lists", &done, &without_from);
	compare_folder(CORPUS "/smime", &done, &without_from);
	print_message("%zu real messages; %zu left out, without a From field\n",
		      done, without_from);
	if (done == 0)
		skip();
}

static void print_counts(void)
{
	const size_t *faults = compare.faults;

	print_message(
		"%zu messages, %zu signatures: %zu are libopendkim's, octet "
		"for octet; left to dkimpy: %zu (Ed25519, simple header), %zu "
		"(VT, FF or CR in a relaxed header), %zu (lone CR or LF in the "
		"body); %zu bodies cut in two\n",
		compare.messages, compare.signatures, faults[OPENDKIM_RIGHT],
		faults[OPENDKIM_ED25519_SIMPLE], faults[OPENDKIM_CONTROL],
		faults[OPENDKIM_BODY], compare.cuts);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_of_messages_is_signed_alike),
		cmocka_unit_test(awkward_messages_are_signed_alike),
		cmocka_unit_test(real_messages_are_signed_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct test_keys keys;
	int failed;

	if (argc != 3)
		return EX_USAGE;
	awkward_messages = (unsigned int)strtoul(argv[1], NULL, 10);
	compare.undecided = fopen(argv[2], "we");
	if (compare.undecided == NULL)
		return EX_CANTCREAT;
	test_keys_init(&keys);
	compare.keys = &keys;
	compare.opendkim = opendkim_open(&keys);
	(void)fprintf(compare.undecided, "%s\n%s\n",
		      keys.records[DKIM_RSA_SHA256],
		      keys.records[DKIM_ED25519_SHA256]);
	failed = run_all();
	print_counts();
	if (fclose(compare.undecided) != 0)
		failed = EX_IOERR;
	opendkim_close(&compare.opendkim);
	test_keys_release(&keys);
	return failed;
}
