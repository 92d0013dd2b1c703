#include "tests/unit/test.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"
#include "tests/unit/table.h"

#include "admin/import.h"
#include "common/buffer.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/message-header.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static char *folder;
static struct directory *dir;

static void fill(struct master *master)
{
	const struct import_options options = { .scheme = NULL };
	struct import *import = import_new(&options);
	struct error err;

	must(import_read(import, TEST_DATA "/sender-identity.directory", &err),
	     &err);
	must(import_apply(import, master, &err), &err);
	assert_int_equal(import_finding_count(import), 0);
	import_free(&import);
}

static int set_up(void **state)
{
	(void)state;
	folder = folder_make("directory");
	dir = published_open(folder, fill);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	directory_close(&dir);
	folder_remove(&folder);
	return 0;
}

static void load_rules(struct policy_rules *rules_r, const char *settings)
{
	char *path = mem_printf("%s/rules", folder);
	FILE *file = fopen(path, "we");
	struct error err;

	assert_non_null(file);
	assert_true(fputs(settings, file) >= 0);
	assert_int_equal(fclose(file), 0);
	must(policy_rules_load(rules_r, path, &err), &err);
	mem_free_string(&path);
}

/* The envelope, and if that passes the header, as the filter asks. */
static void judge(const char *settings, const char *mail_from,
		  const struct buffer *message,
		  struct policy_verdict *verdict_r)
{
	struct policy_rules rules;
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = "anna",
		.mail_from = mail_from,
		.now = time(NULL),
	};
	struct message_header header;

	load_rules(&rules, settings);
	if (policy_check_envelope(&question, verdict_r) == POLICY_PASS) {
		message_header_split(&header, buffer_string(message),
				     message->len);
		policy_check_header(&question, header.fields, header.count,
				    verdict_r);
		message_header_release(&header);
	}
	policy_rules_release(&rules);
}

static void must_begin_with(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", text, start);
}

static void must_be(const struct policy_verdict *verdict, const char *wanted)
{
	char *reply = mem_printf("%s %s %s", verdict->code, verdict->status,
				 verdict->text);

	if (strcmp(wanted, "pass") == 0)
		assert_string_equal(reply, "  ");
	else
		must_begin_with(reply, wanted);
	mem_free_string(&reply);
}

static void check_header(char *const *fields)
{
	const char *mail_from = fields[2];
	struct buffer message = BUFFER_INIT;
	struct policy_verdict verdict;

	if (mail_from[0] == '\0')
		mail_from = "anna@example.org";
	table_unescape(&message, fields[3]);
	judge(fields[1], strcmp(mail_from, "<>") == 0 ? "" : mail_from,
	      &message, &verdict);
	must_be(&verdict, fields[4]);
	assert_string_equal(verdict.sender, fields[5] != NULL ? fields[5] : "");
	buffer_release(&message);
}

static void every_header_gets_the_verdict_of_the_table(void **state)
{
	(void)state;
	assert_true(table_read(TEST_DATA "/sender-identity.tsv", check_header) >
		    80);
}

/* What the filter is asked of the address: as envelope, then as From:. */
static void check_both(const char *address, const char *envelope_reply,
		       const char *from_reply)
{
	struct buffer message = BUFFER_INIT;
	struct policy_verdict verdict;

	buffer_printf(&message, "From: anna@example.org\n");
	judge("", address, &message, &verdict);
	must_be(&verdict, envelope_reply);
	buffer_clear(&message);
	buffer_printf(&message, "From: %s\n", address);
	judge("", "", &message, &verdict);
	must_be(&verdict, from_reply);
	buffer_release(&message);
}

static void check_address(char *const *fields)
{
	struct buffer address = BUFFER_INIT;

	table_unescape(&address, fields[1]);
	if (strcmp(fields[2], "pass") == 0) {
		check_both(buffer_string(&address), "pass", "pass");
	} else if (strcmp(fields[2], "may not") == 0) {
		check_both(buffer_string(&address),
			   "550 5.7.1 the login anna may not send as <",
			   "550 5.7.1 the login anna may not write as <");
	} else {
		assert_string_equal(fields[2], "malformed");
		check_both(buffer_string(&address),
			   "550 5.1.7 envelope sender <",
			   "550 5.6.0 From field: octet ");
	}
	buffer_release(&address);
}

static void every_address_gets_the_verdict_of_the_table(void **state)
{
	(void)state;
	assert_true(table_read(TEST_DATA "/sender-addresses.tsv",
			       check_address) > 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_header_gets_the_verdict_of_the_table),
		cmocka_unit_test(every_address_gets_the_verdict_of_the_table),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
