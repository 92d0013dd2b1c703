#include "tests/unit/test.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"

#include "admin/master.h"
#include "common/buffer.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <string.h>
#include <time.h>

#define NOW 1800000000
#define FIELDS_MAX 2
#define OWN "<anna@example.org>"

/* ceo@example.com */
#define CEO_Q "=?utf-8?q?ceo=40example.com?="
#define CEO_B "=?utf-8?b?Y2VvQGV4YW1wbGUuY29t?="

static char *folder;
static struct directory *dir;
static struct policy_rules rules;

static void fill(struct master *master)
{
	static const struct master_grant boss = { "anna", "boss@example.net", 0,
						  true };
	struct error err;

	must(master_account_add(master, "anna", &err), &err);
	must(master_domain_add(master, "example.org", "+", false, NULL, &err),
	     &err);
	must(master_address_add(master, "anna@example.org", "anna", &err),
	     &err);
	must(master_grant_add(master, &boss, &err), &err);
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

static void check(const char *const *fields, struct policy_verdict *verdict_r)
{
	const struct policy_question question = {
		.dir = dir, .rules = &rules, .login = "anna", .now = NOW
	};
	struct policy_field list[FIELDS_MAX];
	size_t count = 0;

	for (; count < FIELDS_MAX && fields[2 * count] != NULL; count++) {
		const char *value = fields[2 * count + 1];

		list[count] = (struct policy_field){
			.name = fields[2 * count],
			.value = value,
			.value_len = strlen(value),
		};
	}
	policy_check_header(&question, list, count, verdict_r);
}

/* status: "" is a pass. */
static void compare(const struct policy_verdict *verdict, const char *name,
		    const char *status, const char *text)
{
	if (strcmp(verdict->status, status) != 0 ||
	    strstr(verdict->text, text) == NULL)
		fail_msg("%s: %s %s", name, verdict->status, verdict->text);
}

static const struct shown {
	const char *name;
	const char *from;
	const char *status;
	const char *text;
} shown[] = {
	{ "no name", OWN, "", "" },
	{ "a name", "Anna @ work " OWN, "5.6.0", "From field" },
	{ "an at sign", "\"Anna @ work\"" OWN, "", "" },
	{ "its own address", "\"anna@example.org\" " OWN, "", "" },
	{ "its own in another spelling", "\"'Anna+x@EXAMPLE.org'\" " OWN, "",
	  "" },
	{ "an address that it may write as on behalf",
	  "\"Anna for boss@example.net\" " OWN, "", "" },
	{ "another's", "\"ceo@example.com\" " OWN, "5.7.1",
	  "the login anna may not write as <ceo@example.com> (From field), "
	  "which a display name shows" },
	{ "another's behind its own",
	  "\"anna@example.org ceo@example.com\" " OWN, "5.7.1",
	  "<ceo@example.com>" },
	{ "a colleague's domain, of nobody", "\"x@example.org\" " OWN, "5.7.1",
	  "<x@example.org>" },
	{ "an address that none can have", "\"ceo@a_b.example.com\" " OWN,
	  "5.7.1", "<ceo@a_b.example.com>" },
	{ "white space around the at sign", "\"ceo @ example.com\" " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "a full-width at sign",
	  "ceo\xef\xbc\xa0"
	  "example.com " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "the name of a later mailbox", OWN ", \"ceo@example.com\" " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "the name of a group", "\"ceo@example.com\": " OWN ";", "5.7.1",
	  "<ceo@example.com>" },
	{ "the name of a second group", "G:" OWN ";, " CEO_Q ": " OWN ";",
	  "5.7.1", "<ceo@example.com>" },
	{ "a comment, encoded", "anna@example.org (" CEO_Q ")", "5.7.1",
	  "<ceo@example.com>" },
	{ "a comment with a full-width at sign",
	  "anna@example.org (ceo\xef\xbc\xa0"
	  "example.com)",
	  "5.7.1", "<ceo@example.com>" },
	{ "two comments, as one reader joins them",
	  "anna@example.org (=?utf-8?q?ceo=40?=) (=?utf-8?q?example.com?=)",
	  "5.7.1", "<ceo@example.com>" },

	{ "an encoded name", "=?utf-8?q?Zo=C3=AB?= " OWN, "", "" },
	{ "its own address, encoded", "=?utf-8?q?anna=40example.org?= " OWN, "",
	  "" },
	{ "another's in Q", CEO_Q " " OWN, "5.7.1", "<ceo@example.com>" },
	{ "another's in B", CEO_B " " OWN, "5.7.1", "<ceo@example.com>" },
	{ "another's in an encoded-word in quotes", "\"" CEO_B "\" " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "another's over several",
	  "=?utf-8?q?c?= =?us-ascii?b?ZW9A?=\n =?utf-8*en?q?example.c?= "
	  "=?utf-8?q?om?= " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "another's, of which the beginning is encoded",
	  "\"=?utf-8?q?c?=eo@example.com\" " OWN, "5.7.1",
	  "<ceo@example.com>" },
	{ "another's to a reader that does not decode in quotes",
	  "\"=?utf-8?b?YW5uYUBleGFtcGxlLm9yZyA=?= ceo@example.com\" " OWN,
	  "5.7.1", "<ceo@example.com>" },
	{ "its own to who decodes in quotes, another's to who does not",
	  "\"=?utf-8?q?anna=2B?=ceo@example.org\" " OWN, "5.7.1",
	  "ceo@example.org>" },
	{ "a zero-width space in another's",
	  "=?utf-8?q?ceo=E2=80=8B=40example.com?= " OWN, "5.7.1",
	  "<ceo@example.com>" },
	{ "a full-width one in another charset",
	  "=?euc-jp?q?ceo=A1=F7example.com?= " OWN, "5.7.1",
	  "<ceo@example.com>" },
	{ "a zero-width non-joiner in a Persian name",
	  "=?utf-8?q?=D9=85=DB=8C=E2=80=8C=D8=AE?= " OWN, "", "" },
	{ "an emoji of several", "=?utf-8?b?8J+RqeKAjfCfkrs=?= " OWN, "", "" },

	{ "an unknown charset", "=?x-none?q?ceo?= " OWN, "5.6.0",
	  "From field: an encoded-word in a display name can't be checked: "
	  "its charset \"x-none\" is unknown" },
	{ "invalid octets", "=?utf-8?q?=C3?= " OWN, "5.6.0",
	  "not all of its octets are utf-8" },
	{ "encoded twice", "\"=?utf-8?q?=3D?=?utf-8?q?a?=\" " OWN, "5.6.0",
	  "From field: " },
	{ "encoded twice, all of it",
	  "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?= " OWN, "5.6.0",
	  "it decodes to another one" },
};

static void a_name_may_show_only_what_the_account_may_write_as(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		const char *const fields[] = { "From", shown[i].from, "Sender",
					       OWN };
		struct policy_verdict verdict;

		check(fields, &verdict);
		compare(&verdict, shown[i].name, shown[i].status,
			shown[i].text);
	}
}

static void so_do_the_names_of_every_field(void **state)
{
	static const char *const names[] = { "Sender", "Resent-From",
					     "Resent-Sender" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *const fields[] = { "From", OWN, names[i],
					       CEO_B " " OWN };
		struct policy_verdict verdict;

		check(fields, &verdict);
		compare(&verdict, names[i], "5.7.1",
			"may not write as <ceo@example.com> (");
		assert_string_equal(verdict.field, names[i]);
		assert_string_equal(verdict.address, "ceo@example.com");
		assert_string_equal(verdict.reason,
				    "an address in a display name, neither "
				    "its own nor granted");
	}
}

static void where_accepted_a_name_may_show_any_address(void **state)
{
	size_t i;

	(void)state;
	rules.address_in_name = POLICY_ADDRESS_IN_NAME_ACCEPT;
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		const char *const fields[] = { "From", shown[i].from, "Sender",
					       OWN };
		struct policy_verdict verdict;

		check(fields, &verdict);
		/* What the parser refuses it still does. */
		if (strcmp(shown[i].text, "From field") != 0 &&
		    strcmp(shown[i].text, "From field: ") != 0)
			compare(&verdict, shown[i].name, "", "");
	}
	rules.address_in_name = POLICY_ADDRESS_IN_NAME_REJECT;
}

static void no_name_hides_a_control_character(void **state)
{
	static const struct {
		const char *name;
		const char *from;
		const char *text;
	} cases[] = {
		{ "NUL", "=?utf-8?q?a=00?= " OWN, "U+0000" },
		{ "a line break", "=?utf-8?q?a=0D=0AFrom=3A?= " OWN,
		  "From field: a display name, decoded: octet 1 begins a "
		  "control character, U+000D, which may not stand here" },
		{ "LF alone", "=?utf-8?b?YQo=?= " OWN, "U+000A" },
		{ "an escape", "=?us-ascii?q?=1B=5B2J?= " OWN, "U+001B" },
		{ "DEL", "=?utf-8?q?=7F?= " OWN, "U+007F" },
		{ "C1", "=?iso-8859-1?q?=9B?= " OWN, "U+009B" },
		{ "a line separator", "=?utf-8?q?=E2=80=A8?= " OWN, "U+2028" },
		{ "a bidi override", "=?utf-8?q?=E2=80=AEgro?= " OWN,
		  "a bidirectional control, U+202E" },
		{ "behind what can't be decoded",
		  "=?x-none?q?a?= =?utf-8?q?=0D?= " OWN, "U+000D" },
		{ "in a comment", OWN " (=?utf-8?q?=0D?=)", "U+000D" },
		{ "in the name of a group", "=?utf-8?q?=0D?=: " OWN ";",
		  "U+000D" },
	};
	size_t i, rule;

	(void)state;
	for (rule = POLICY_ADDRESS_IN_NAME_REJECT;
	     rule <= POLICY_ADDRESS_IN_NAME_ACCEPT; rule++) {
		rules.address_in_name = (int)rule;
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			const char *const fields[] = { "From", cases[i].from,
						       NULL };
			struct policy_verdict verdict;

			check(fields, &verdict);
			compare(&verdict, cases[i].name, "5.6.0",
				cases[i].text);
		}
	}
	rules.address_in_name = POLICY_ADDRESS_IN_NAME_REJECT;
}

static void an_excused_from_may_show_addresses_but_no_controls(void **state)
{
	static const char *const another[] = {
		"From", "\"ceo@example.com\" <boss@example.com>", "Resent-From",
		OWN
	};
	static const char *const control[] = {
		"From", "=?utf-8?q?=0D?= <boss@example.com>", "Resent-From", OWN
	};
	static const char *const resent[] = { "From", OWN, "Resent-From",
					      CEO_B " " OWN };
	struct policy_verdict verdict;

	(void)state;
	rules.resent = POLICY_RESENT_ALLOW;
	check(another, &verdict);
	compare(&verdict, "another's", "", "");
	check(control, &verdict);
	compare(&verdict, "a control", "5.6.0", "From field: ");
	check(resent, &verdict);
	compare(&verdict, "Resent-From", "5.7.1", "(Resent-From field)");
	rules.resent = POLICY_RESENT_CHECK;
}

static void who_the_author_is_is_told_before_what_its_name_shows(void **state)
{
	static const char *const fields[] = {
		"From", "\"ceo@example.com\" <ceo@example.com>", NULL
	};
	struct policy_verdict verdict;

	(void)state;
	check(fields, &verdict);
	compare(&verdict, "another's", "5.7.1",
		"may not write as <ceo@example.com> (From field)");
	assert_string_equal(verdict.reason, "neither its own nor granted");
}

static void addresses_in_names_are_bounded(void **state)
{
	struct buffer from = BUFFER_INIT;
	const char *fields[] = { "From", NULL, NULL };
	struct policy_verdict verdict;
	size_t i;

	(void)state;
	buffer_append_char(&from, '"');
	for (i = 0; i < 256; i++)
		buffer_append_string(&from, "anna@example.org ");
	buffer_append_string(&from, "\" " OWN);
	fields[1] = from.data;
	check(fields, &verdict);
	compare(&verdict, "as many as may be", "", "");
	buffer_append_string(&from, ", \"anna@example.org\" " OWN);
	fields[1] = from.data;
	check(fields, &verdict);
	compare(&verdict, "one too many", "5.6.0",
		"too many addresses in display names");
	buffer_release(&from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_name_may_show_only_what_the_account_may_write_as),
		cmocka_unit_test(so_do_the_names_of_every_field),
		cmocka_unit_test(where_accepted_a_name_may_show_any_address),
		cmocka_unit_test(no_name_hides_a_control_character),
		cmocka_unit_test(
			an_excused_from_may_show_addresses_but_no_controls),
		cmocka_unit_test(
			who_the_author_is_is_told_before_what_its_name_shows),
		cmocka_unit_test(addresses_in_names_are_bounded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
