#include "tests/unit/policy-people.h"

#include "common/buffer.h"

#include <string.h>

/* ceo@example.com */
#define CEO_Q "=?utf-8?q?ceo=40example.com?="
#define CEO_B "=?utf-8?b?Y2VvQGV4YW1wbGUuY29t?="

static const char ceo_shown[] = CEO_B " " ANNA;

static const struct shown {
	const char *name;
	const char *from;
	const char *status;
	const char *text;
} shown[] = {
	{ "no name", ANNA, "", "" },
	{ "a name", "Anna @ work " ANNA, "5.6.0", "From field" },
	{ "an at sign", "\"Anna @ work\"" ANNA, "", "" },
	{ "its own address", "\"anna@example.org\" " ANNA, "", "" },
	{ "its own in another spelling", "\"'Anna+x@EXAMPLE.org'\" " ANNA, "",
	  "" },
	{ "an address that it may write as on behalf",
	  "\"Anna for boss@example.com\" " ANNA, "", "" },
	{ "another's", "\"ceo@example.com\" " ANNA, "5.7.1",
	  "the login anna may not write as <ceo@example.com> (From field), "
	  "which a display name shows" },
	{ "another's behind its own",
	  "\"anna@example.org ceo@example.com\" " ANNA, "5.7.1",
	  "<ceo@example.com>" },
	{ "another of its domain", "\"x@example.org\" " ANNA, "5.7.1",
	  "<x@example.org>" },
	{ "an address that none can have", "\"ceo@a_b.example.com\" " ANNA,
	  "5.7.1", "<ceo@a_b.example.com>" },
	{ "white space around the at sign", "\"ceo @ example.com\" " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "a full-width at sign",
	  "ceo\xef\xbc\xa0"
	  "example.com " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "the name of a later mailbox", ANNA ", \"ceo@example.com\" " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "the name of a group", "\"ceo@example.com\": " ANNA ";", "5.7.1",
	  "<ceo@example.com>" },
	{ "the name of a second group", "G:" ANNA ";, " CEO_Q ": " ANNA ";",
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

	{ "an encoded name", "=?utf-8?q?Zo=C3=AB?= " ANNA, "", "" },
	{ "its own address, encoded", "=?utf-8?q?anna=40example.org?= " ANNA,
	  "", "" },
	{ "another's in Q", CEO_Q " " ANNA, "5.7.1", "<ceo@example.com>" },
	{ "another's in B", CEO_B " " ANNA, "5.7.1", "<ceo@example.com>" },
	{ "another's in an encoded-word in quotes", "\"" CEO_B "\" " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "another's over several",
	  "=?utf-8?q?c?= =?us-ascii?b?ZW9A?=\n =?utf-8*en?q?example.c?= "
	  "=?utf-8?q?om?= " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "another's, of which the beginning is encoded",
	  "\"=?utf-8?q?c?=eo@example.com\" " ANNA, "5.7.1",
	  "<ceo@example.com>" },
	{ "another's to a reader that does not decode in quotes",
	  "\"=?utf-8?b?YW5uYUBleGFtcGxlLm9yZyA=?= "
	  "ceo@example.com\" " ANNA,
	  "5.7.1", "<ceo@example.com>" },
	{ "its own to who decodes in quotes, another's to who does not",
	  "\"=?utf-8?q?anna=2B?=ceo@example.org\" " ANNA, "5.7.1",
	  "ceo@example.org>" },
	{ "a zero-width space in another's",
	  "=?utf-8?q?ceo=E2=80=8B=40example.com?= " ANNA, "5.7.1",
	  "<ceo@example.com>" },
	{ "a full-width one in another charset",
	  "=?euc-jp?q?ceo=A1=F7example.com?= " ANNA, "5.7.1",
	  "<ceo@example.com>" },
	{ "a zero-width non-joiner in a Persian name",
	  "=?utf-8?q?=D9=85=DB=8C=E2=80=8C=D8=AE?= " ANNA, "", "" },
	{ "an emoji of several", "=?utf-8?b?8J+RqeKAjfCfkrs=?= " ANNA, "", "" },

	{ "an unknown charset", "=?x-none?q?ceo?= " ANNA, "5.6.0",
	  "From field: an encoded-word in a display name can't be checked: "
	  "its charset \"x-none\" is unknown" },
	{ "invalid octets", "=?utf-8?q?=C3?= " ANNA, "5.6.0",
	  "not all of its octets are utf-8" },
	{ "encoded twice", "\"=?utf-8?q?=3D?=?utf-8?q?a?=\" " ANNA, "5.6.0",
	  "From field: " },
	{ "encoded twice, all of it",
	  "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?= " ANNA, "5.6.0",
	  "it decodes to another one" },
};

static void a_name_may_show_only_what_the_account_may_write_as(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		const char *const fields[] = { "From", shown[i].from, "Sender",
					       ANNA, NULL };
		struct policy_verdict verdict;

		check(&verdict, fields);
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
		const char *const fields[] = { "From", ANNA, names[i],
					       ceo_shown, NULL };
		struct policy_verdict verdict;

		check(&verdict, fields);
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
					       ANNA, NULL };
		struct policy_verdict verdict;

		check(&verdict, fields);
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
		{ "NUL", "=?utf-8?q?a=00?= " ANNA, "U+0000" },
		{ "a line break", "=?utf-8?q?a=0D=0AFrom=3A?= " ANNA,
		  "From field: a display name, decoded: octet 1 begins a "
		  "control character, U+000D, which may not stand here" },
		{ "LF alone", "=?utf-8?b?YQo=?= " ANNA, "U+000A" },
		{ "an escape", "=?us-ascii?q?=1B=5B2J?= " ANNA, "U+001B" },
		{ "DEL", "=?utf-8?q?=7F?= " ANNA, "U+007F" },
		{ "C1", "=?iso-8859-1?q?=9B?= " ANNA, "U+009B" },
		{ "a line separator", "=?utf-8?q?=E2=80=A8?= " ANNA, "U+2028" },
		{ "a bidi override", "=?utf-8?q?=E2=80=AEgro?= " ANNA,
		  "a bidirectional control, U+202E" },
		{ "behind what can't be decoded",
		  "=?x-none?q?a?= =?utf-8?q?=0D?= " ANNA, "U+000D" },
		{ "in a comment", ANNA " (=?utf-8?q?=0D?=)", "U+000D" },
		{ "in the name of a group", "=?utf-8?q?=0D?=: " ANNA ";",
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

			check(&verdict, fields);
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
		ANNA, NULL
	};
	static const char *const control[] = {
		"From", "=?utf-8?q?=0D?= <boss@example.com>", "Resent-From",
		ANNA, NULL
	};
	static const char *const resent[] = { "From", ANNA, "Resent-From",
					      ceo_shown, NULL };
	struct policy_verdict verdict;

	(void)state;
	rules.resent = POLICY_RESENT_ALLOW;
	check(&verdict, another);
	compare(&verdict, "another's", "", "");
	check(&verdict, control);
	compare(&verdict, "a control", "5.6.0", "From field: ");
	check(&verdict, resent);
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
	check(&verdict, fields);
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
	buffer_append_string(&from, "\" " ANNA);
	fields[1] = from.data;
	check(&verdict, fields);
	compare(&verdict, "as many as may be", "", "");
	buffer_append_string(&from, ", \"anna@example.org\" " ANNA);
	fields[1] = from.data;
	check(&verdict, fields);
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

	return cmocka_run_group_tests(tests, people_set_up, people_tear_down);
}
