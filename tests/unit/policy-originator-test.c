#include "tests/unit/policy-people.h"

#include "common/policy.h"

#include <string.h>

static void the_authors_are_the_accounts(void **state)
{
	static const struct {
		const char *name;
		const char *fields[2 * FIELDS_MAX];
		const char *status;
		const char *text;
	} cases[] = {
		{ "its own", { "From", OWN }, "", "" },
		{ "a name in any case, with a space behind",
		  { "fROM \t", OWN },
		  "",
		  "" },
		{ "several, all its own, with Sender",
		  { "From", OWN ", info@example.org, G: anna+x@example.net;",
		    "Sender", "anna@example.net" },
		  "",
		  "" },
		{ "several, without Sender",
		  { "From", OWN ", info@example.org" },
		  "5.6.0",
		  "From field: several addresses need a Sender field" },
		{ "several, with a granted Sender",
		  { "From", OWN ", info@example.org", "Sender",
		    "info@example.org" },
		  "5.7.1",
		  "the login anna may not write for several authors as "
		  "<info@example.org> (Sender field)" },
		{ "its own, with a Sender that it may use",
		  { "From", OWN, "Sender", "info@example.org" },
		  "",
		  "" },
		{ "its own, with another's Sender",
		  { "From", OWN, "Sender", "ceo@example.org" },
		  "5.7.1",
		  "the login anna may not write as <ceo@example.org> (Sender "
		  "field)" },
		{ "its own, with a Sender granted on behalf",
		  { "From", OWN, "Sender", "boss@example.com" },
		  "5.7.1",
		  "may not write as <boss@example.com> (Sender field)" },
		{ "two Sender",
		  { "From", OWN, "Sender", OWN, "SENDER\t", OWN },
		  "5.6.0",
		  "has 2 Sender fields" },
		{ "two addresses in Sender",
		  { "From", OWN, "Sender", OWN "," OWN },
		  "5.6.0",
		  "Sender field: one address" },
		{ "a group in Sender",
		  { "From", OWN, "Sender", "G: " OWN ";" },
		  "5.6.0",
		  "Sender field: one address" },
		{ "an empty Sender",
		  { "From", OWN, "Sender", "" },
		  "5.6.0",
		  "Sender field: " },
		{ "a foreign Reply-To is no identity",
		  { "From", OWN, "Reply-To", "ceo@example.org" },
		  "",
		  "" },
		{ "U-label and A-label are equal",
		  { "From", "J" OE "rg@xn--bcher-jua.example" },
		  "",
		  "" },
		{ "NFC and NFD are equal",
		  { "From", "J" OE_NFD "rg@b" OE_NFD "cher.example" },
		  "",
		  "" },

		{ "a colleague's",
		  { "From", "Ceo <ceo@example.org>" },
		  "5.7.1",
		  "the login anna may not write as <ceo@example.org> (From "
		  "field)" },
		{ "a grant that has ended",
		  { "From", "old@example.com" },
		  "5.7.1",
		  "may not write as <old@example.com>" },
		{ "another case where case counts",
		  { "From", "j" OE "rg@b" OE "cher.example" },
		  "5.7.1",
		  "<j\\x{F6}rg@xn--bcher-jua.example>" },

		{ "no From",
		  { "To", OWN },
		  "5.6.0",
		  "the message has no From field" },
		{ "no field at all", { NULL }, "5.6.0", "has no From field" },
		{ "two From",
		  { "From", OWN, "From", OWN },
		  "5.6.0",
		  "has 2 From fields" },
		{ "two From, in other words",
		  { "From", OWN, "To", OWN, "FROM ", "ceo@example.org" },
		  "5.6.0",
		  "has 2 From fields" },
		{ "an empty From", { "From", "" }, "5.6.0", "From field: " },
		{ "white space for a From",
		  { "From", " \n\t" },
		  "5.6.0",
		  "From field: " },
		{ "mine, then another's",
		  { "From", OWN ", <ceo@example.org>" },
		  "5.7.1",
		  "<ceo@example.org>" },
		{ "another's, then mine",
		  { "From", "ceo@example.org, " OWN },
		  "5.7.1",
		  "<ceo@example.org>" },
		{ "a word, then mine",
		  { "From", "ceo,<anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a word behind mine",
		  { "From", "<anna@example.org>ceo" },
		  "5.6.0",
		  "From field: " },
		{ "an escaped comma",
		  { "From", "<ceo@example.org>\\,<anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "two in brackets without a comma",
		  { "From", "<ceo@example.org><anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a source route",
		  { "From", "<@example.net,@example.com:ceo@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a group with another's",
		  { "From", "G: <anna@example.org>,<ceo@example.org>;" },
		  "5.7.1",
		  "<ceo@example.org>" },
		{ "an empty group",
		  { "From", "G:;" },
		  "5.6.0",
		  "From field: " },
		{ "a group in a group",
		  { "From", "G: H: anna@example.org;;" },
		  "5.6.0",
		  "From field: " },
		{ "an encoded word that hides an address",
		  { "From", "=?utf-8?b?PGNlb0BleGFtcGxlLm9yZz4=?=,"
			    "<anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a display name that looks like an address",
		  { "From", "\"ceo@example.org\" <anna@example.org>" },
		  "5.7.1",
		  "<ceo@example.org> (From field), which a display name" },
		{ "mine in a comment",
		  { "From", "ceo@example.org(<anna@example.org>)" },
		  "5.6.0",
		  "From field: " },
		{ "a comment that is not closed",
		  { "From", "anna@example.org (((" },
		  "5.6.0",
		  "From field: " },
		{ "a quote that is not closed",
		  { "From", "\"Anna <anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a bracket that is not closed",
		  { "From", "Anna <anna@example.org" },
		  "5.6.0",
		  "From field: " },
		{ "two @",
		  { "From", "ceo@example.org@example.net" },
		  "5.6.0",
		  "From field: " },
		{ "a quoted local part that looks like another",
		  { "From", "\"ceo@example.org,\"@example.org" },
		  "5.6.0",
		  "could be shown as another address" },
		{ "a control character",
		  { "From", "\"An\x01na\" <anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "8-bit that is not UTF-8",
		  { "From", "J\xf6rg <anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a bidi control",
		  { "From", BIDI "anna <anna@example.org>" },
		  "5.6.0",
		  "From field: " },
		{ "a zero-width space",
		  { "From", "an" ZERO_WIDTH "na@example.org" },
		  "5.6.0",
		  "From field: " },
		{ "a trailing dot",
		  { "From", "anna@example.org." },
		  "5.6.0",
		  "From field: " },
		{ "a domain literal",
		  { "From", "anna@[192.0.2.1]" },
		  "5.6.0",
		  "From field: " },

		{ "on behalf, with an own Sender",
		  { "From", "boss@example.com", "Sender", OWN },
		  "",
		  "" },
		{ "on behalf, without Sender: it is to be added",
		  { "From", "boss@example.com" },
		  "",
		  "" },
		{ "on behalf, with the other's Sender",
		  { "From", "boss@example.com", "Sender", "boss@example.com" },
		  "5.7.1",
		  "may not write as <boss@example.com> (Sender field)" },
		{ "on behalf, with a colleague's Sender",
		  { "From", "boss@example.com", "Sender", "ceo@example.org" },
		  "5.7.1",
		  "may not write as <ceo@example.org> (Sender field)" },
		{ "on behalf, with a granted Sender",
		  { "From", "boss@example.com", "Sender", "info@example.org" },
		  "5.7.1",
		  "the login anna may write on behalf of <boss@example.com> "
		  "(From field) only with a Sender field that holds an "
		  "address of its own" },
		{ "on behalf, with two Senders",
		  { "From", "boss@example.com", "Sender", OWN, "Sender", OWN },
		  "5.6.0",
		  "has 2 Sender fields" },
		{ "on behalf, with two addresses in Sender",
		  { "From", "boss@example.com", "Sender", OWN "," OWN },
		  "5.6.0",
		  "Sender field: one address" },
		{ "on behalf, with a malformed Sender",
		  { "From", "boss@example.com", "Sender", "<" OWN },
		  "5.6.0",
		  "Sender field: " },
		{ "on behalf of one and as another",
		  { "From", "boss@example.com, ceo@example.org", "Sender",
		    OWN },
		  "5.7.1",
		  "may not write as <ceo@example.org>" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_verdict verdict;

		check(&verdict, cases[i].fields);
		compare(&verdict, cases[i].name, cases[i].status,
			cases[i].text);
	}
}

/* Behind an own From:. */
static void each_resent_block_is_the_accounts(void **state)
{
	static const struct {
		const char *name;
		const char *fields[2 * FIELDS_MAX];
		const char *status;
		const char *text;
	} cases[] = {
		{ "its own",
		  { "Resent-From", OWN, "Resent-To", "x@example.net" },
		  "",
		  "" },
		{ "a block that names no author",
		  { "Resent-To", "x@example.net" },
		  "",
		  "" },
		{ "another's",
		  { "Resent-From", "ceo@example.org" },
		  "5.7.1",
		  "the login anna may not write as <ceo@example.org> "
		  "(Resent-From field)" },
		{ "another's Resent-Sender",
		  { "Resent-From", OWN, "Resent-Sender", "ceo@example.org" },
		  "5.7.1",
		  "<ceo@example.org> (Resent-Sender field)" },
		{ "another's Resent-Sender alone",
		  { "Resent-Sender", "ceo@example.org" },
		  "5.7.1",
		  "<ceo@example.org> (Resent-Sender field)" },
		{ "another's in an older block",
		  { "Resent-From", OWN, "Resent-From", "ceo@example.org" },
		  "5.7.1",
		  "<ceo@example.org> (Resent-From field)" },
		{ "two blocks of its own",
		  { "Resent-From", OWN, "Resent-From", OWN },
		  "",
		  "" },
		{ "malformed",
		  { "Resent-From", "<" OWN },
		  "5.6.0",
		  "Resent-From field: " },
		{ "in any case, with a space behind",
		  { "RESENT-FROM \t", "ceo@example.org" },
		  "5.7.1",
		  "<ceo@example.org> (Resent-From field)" },
		{ "several, without Resent-Sender",
		  { "Resent-From", OWN ", info@example.org" },
		  "5.6.0",
		  "need a Resent-Sender field" },
		{ "several, with one of its own",
		  { "Resent-From", OWN ", info@example.org", "Resent-Sender",
		    OWN },
		  "",
		  "" },
		{ "on behalf, with nothing that could be added",
		  { "Resent-From", "boss@example.com" },
		  "5.7.1",
		  "on behalf of <boss@example.com> (Resent-From field)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *fields[2 * FIELDS_MAX + 2] = { "From", OWN };
		struct policy_verdict verdict;

		memcpy(fields + 2, cases[i].fields, sizeof(cases[i].fields));
		check(&verdict, fields);
		compare(&verdict, cases[i].name, cases[i].status,
			cases[i].text);
	}
}

static void where_allowed_an_own_resent_from_excuses_from(void **state)
{
	static const struct {
		const char *name;
		const char *fields[2 * FIELDS_MAX];
		const char *status;
		const char *text;
	} cases[] = {
		{ "an own one",
		  { "Resent-From", OWN, "From", "ceo@example.org" },
		  "",
		  "" },
		{ "From and Sender are another's",
		  { "Resent-From", OWN, "From", "ceo@example.org", "Sender",
		    "boss@example.com" },
		  "",
		  "" },
		{ "another's uppermost",
		  { "Resent-From", "ceo@example.org", "Resent-From", OWN,
		    "From", OWN },
		  "5.7.1",
		  "<ceo@example.org> (Resent-From field)" },
		{ "who resent it before",
		  { "Resent-From", OWN, "Resent-From", "ceo@example.org",
		    "From", "boss@example.com" },
		  "",
		  "" },
		{ "an uppermost block without author",
		  { "Resent-To", OWN, "Resent-To", OWN, "Resent-From", OWN,
		    "From", "ceo@example.org" },
		  "5.7.1",
		  "may not write as <ceo@example.org> (From field)" },
		{ "none", { "From", "ceo@example.org" }, "5.7.1", "(From" },
		{ "it does not excuse a malformed From",
		  { "Resent-From", OWN, "From", "ceo@example.org," },
		  "5.6.0",
		  "From field: " },
		{ "nor a missing one",
		  { "Resent-From", OWN },
		  "5.6.0",
		  "has no From" },
		{ "nor two",
		  { "Resent-From", OWN, "From", OWN, "From", OWN },
		  "5.6.0",
		  "has 2 From" },
	};
	size_t i;

	(void)state;
	rules.resent = POLICY_RESENT_ALLOW;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_verdict verdict;

		check(&verdict, cases[i].fields);
		compare(&verdict, cases[i].name, cases[i].status,
			cases[i].text);
	}
	rules.resent = POLICY_RESENT_CHECK;
}

static void the_sender_that_is_added_is_one_of_the_accounts_own(void **state)
{
	static const struct {
		const char *name;
		const char *mail_from;
		const char *login;
		const char *sender; /* NULL: refused */
	} cases[] = {
		{ "the envelope's", "Anna+m@example.org", "anna",
		  "Anna+m@example.org" },
		{ "the login's", "", "anna@example.net", "anna@example.net" },
		{ "the login's, where the envelope's was granted",
		  "info@example.org", "anna@example.net", "anna@example.net" },
		{ "none", "", "anna", NULL },
		{ "none known", NULL, "anna", NULL },
		{ "none, for want of SMTPUTF8", "",
		  "J" OE "rg@b" OE "cher.example", NULL },
		{ "beyond ASCII, with SMTPUTF8",
		  "J" OE "rg@b" OE "cher.example", "anna",
		  "J" OE "rg@xn--bcher-jua.example" },
	};
	static const struct policy_field from = { "From", "boss@example.com",
						  16 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct policy_question question = {
			.dir = dir,
			.rules = &rules,
			.login = cases[i].login,
			.mail_from = cases[i].mail_from,
			.now = NOW,
		};
		struct policy_verdict verdict;

		policy_check_header(&question, &from, 1, &verdict);
		compare(&verdict, cases[i].name,
			cases[i].sender != NULL ? "" : "5.7.1",
			cases[i].sender != NULL ? "" : "on behalf of");
		assert_string_equal(verdict.sender, cases[i].sender != NULL
							    ? cases[i].sender
							    : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_authors_are_the_accounts),
		cmocka_unit_test(each_resent_block_is_the_accounts),
		cmocka_unit_test(where_allowed_an_own_resent_from_excuses_from),
		cmocka_unit_test(
			the_sender_that_is_added_is_one_of_the_accounts_own),
	};

	return cmocka_run_group_tests(tests, people_set_up, people_tear_down);
}
