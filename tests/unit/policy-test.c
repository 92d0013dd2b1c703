#include "tests/unit/policy-people.h"

#include "admin/master.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <stdbool.h>
#include <string.h>

static void the_envelope_sender_is_the_accounts(void **state)
{
	static const struct {
		const char *name;
		const char *login;
		const char *mail_from;
		const char *status;
		const char *text;
	} cases[] = {
		{ "its own", "anna", "anna@example.org", "", "" },
		{ "the login may be an address", "anna@example.org",
		  "anna@example.org", "", "" },
		{ "with a delimiter, in capitals", "anna", "Anna+x@EXAMPLE.org",
		  "", "" },
		{ "in an alias domain", "anna", "anna@example.net", "", "" },
		{ "in a domain with case, IDN as U-label", "anna",
		  "J" OE "rg@b" OE "cher.example", "", "" },
		{ "the same in NFD and as A-label", "anna",
		  "J" OE_NFD "rg@xn--bcher-jua.example", "", "" },
		{ "other case where case counts", "anna",
		  "j" OE "rg@b" OE "cher.example", "5.7.1", "may not send" },
		{ "granted to a group of its", "anna", "info@example.org", "",
		  "" },
		{ "a granted domain", "anna", "any@example.test", "", "" },
		{ "a grant that ends later", "anna", "new@example.com", "",
		  "" },
		{ "a grant that has ended", "anna", "old@example.com", "5.7.1",
		  "the login anna may not send as <old@example.com> "
		  "(envelope sender)" },
		{ "granted on behalf: for From only", "anna",
		  "boss@example.com", "5.7.1", "may not send as" },
		{ "a colleague's", "anna", "ceo@example.org", "5.7.1",
		  "the login anna may not send as <ceo@example.org> "
		  "(envelope sender)" },
		{ "a catch-all does not cover a colleague", "max",
		  "anna@example.org", "5.7.1", "may not send" },
		{ "a catch-all covers the rest", "max", "any@example.org", "",
		  "" },
		{ "a foreign domain", "anna", "anna@example.com", "5.7.1",
		  "may not send" },
		{ "the null sender", "anna", "", "", "" },
		{ "the null sender of a disabled account", "dora", "", "5.7.1",
		  "the account of the login dora is disabled" },
		{ "a disabled account's own", "dora", "dora@example.org",
		  "5.7.1", "is disabled" },
		{ "an unknown login", "nobody", "anna@example.org", "5.7.1",
		  "the login nobody belongs to no account here" },
		{ "an empty login", "", "anna@example.org", "5.7.1",
		  "belongs to no account" },
		{ "no domain", "anna", "anna", "5.1.7",
		  "envelope sender <anna>: " },
		{ "a source route", "anna",
		  "@example.net,@example.com:ceo@example.org", "5.1.7",
		  "envelope sender" },
		{ "brackets inside", "anna", "<anna@example.org>", "5.1.7",
		  "envelope sender" },
		{ "a control character", "anna", "anna\r\n@example.org",
		  "5.1.7", "<anna??@example.org>" },
		{ "8-bit that is not UTF-8", "anna", "j\xf6rg@example.org",
		  "5.1.7", "<j\\x{F6}rg@example.org>" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_verdict verdict;

		check_envelope(cases[i].login, cases[i].mail_from, &verdict);
		compare(&verdict, cases[i].name, cases[i].status,
			cases[i].text);
	}
}

static void exempt_accounts_write_as_anybody_unless_disabled(void **state)
{
	static const struct policy_field foreign = { "From", "<", 1 };
	static const struct {
		const char *name;
		const char *exempt;
		const char *login;
		bool exempt_r;
	} cases[] = {
		{ "named", "anna", "anna@example.org", true },
		{ "a member", "%staff", "anna", true },
		{ "no member", "%staff", "max", false },
		{ "no group", "%nobody", "anna", false },
		{ "another", "max", "anna", false },
		{ "disabled", "dora", "dora", false },
		{ "unknown", "anna", "nobody", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *entry = mem_strdup(cases[i].exempt);
		char *exempt[] = { entry, NULL };
		struct policy_verdict verdict;

		rules.exempt = exempt;
		check_header(cases[i].login, &foreign, 1, &verdict);
		assert_int_equal(verdict.exempt, cases[i].exempt_r);
		assert_int_equal(verdict.result, cases[i].exempt_r
							 ? POLICY_PASS
							 : POLICY_REJECT);
		check_envelope(cases[i].login, "ceo@example.org", &verdict);
		assert_int_equal(verdict.exempt, cases[i].exempt_r);
		mem_free_string(&entry);
	}
	rules.exempt = NULL;
}

static void an_unknown_login_can_be_exempt(void **state)
{
	static const struct policy_field foreign = { "From", "<", 1 };
	struct policy_verdict verdict;

	(void)state;
	rules.unknown_login = POLICY_UNKNOWN_LOGIN_EXEMPT;
	check_header("nobody", &foreign, 1, &verdict);
	assert_int_equal(verdict.result, POLICY_PASS);
	assert_true(verdict.exempt);
	check_header("dora", &foreign, 1, &verdict);
	compare(&verdict, "disabled", "5.7.1", "is disabled");
	check_header("anna", &foreign, 1, &verdict);
	compare(&verdict, "known", "5.6.0", "From field");
	rules.unknown_login = POLICY_UNKNOWN_LOGIN_REJECT;
}

static void the_log_gets_account_and_authors(void **state)
{
	static const char *const fields[] = { "From",
					      "G: " OWN ", J" OE "rg <j" OE
					      "rg@example.test>;",
					      "Sender", OWN, NULL };
	struct policy_verdict verdict;

	(void)state;
	check(&verdict, fields);
	assert_int_equal(verdict.result, POLICY_PASS);
	assert_string_equal(verdict.account, "anna");
	assert_string_equal(verdict.authors,
			    "anna@example.org,j" OE "rg@example.test");
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct cause {
	const char *field; /* or NULL */
	const char *address;
	const char *reason;
};

/* Equal cases have equal reasons: what differs stands beside them. */
static void compare_cause(const struct policy_verdict *verdict,
			  const char *name, const struct cause *expected)
{
	if (!is_same(verdict->field, expected->field) ||
	    strcmp(verdict->address, expected->address) != 0 ||
	    strcmp(verdict->reason, expected->reason) != 0)
		fail_msg("%s: \"%s\", \"%s\", \"%s\"", name,
			 verdict->field != NULL ? verdict->field : "(none)",
			 verdict->address, verdict->reason);
}

static void the_cause_names_field_and_address_once(void **state)
{
	static const struct {
		const char *name;
		const char *fields[2 * FIELDS_MAX];
		struct cause cause;
	} cases[] = {
		{ "its own", { "From", OWN }, { NULL, "", "" } },
		{ "another's, in capitals",
		  { "From", "Ceo <Ceo@EXAMPLE.org>" },
		  { "From", "Ceo@example.org",
		    "neither its own nor granted" } },
		{ "on behalf, with a granted Sender",
		  { "From", "boss@example.com", "Sender", "info@example.org" },
		  { "From", "boss@example.com",
		    "granted on behalf, without a Sender field of its own" } },
		{ "on behalf, with a malformed Sender",
		  { "From", "boss@example.com", "Sender", "" },
		  { "Sender", "", "octet 0: an address is missing here" } },
		{ "no From",
		  { NULL },
		  { "From", "", "the message has no From field" } },
		{ "three From",
		  { "From", OWN, "From", OWN, "From", OWN },
		  { "From", "", "more than one From field" } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_verdict verdict;

		check(&verdict, cases[i].fields);
		compare_cause(&verdict, cases[i].name, &cases[i].cause);
	}
}

static void the_cause_names_the_envelope(void **state)
{
	static const struct {
		const char *login;
		const char *mail_from;
		struct cause cause;
	} cases[] = {
		{ "anna",
		  "Ceo@EXAMPLE.org",
		  { "envelope", "Ceo@example.org",
		    "neither its own nor granted" } },
		{ "anna",
		  "boss@example.com",
		  { "envelope", "boss@example.com",
		    "granted on behalf, which is for From fields alone" } },
		{ "anna", "anna", { "envelope", "anna", "not well-formed" } },
		{ "nobody",
		  "anna@example.org",
		  { NULL, "", "the login belongs to no account" } },
		{ "dora",
		  "dora@example.org",
		  { NULL, "", "the account is disabled" } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_verdict verdict;

		check_envelope(cases[i].login, cases[i].mail_from, &verdict);
		compare_cause(&verdict, cases[i].mail_from, &cases[i].cause);
	}
}

static void a_login_decides_before_what_it_wrote(void **state)
{
	const struct policy_field from = { "From", "<", 1 };
	struct policy_verdict verdict;

	(void)state;
	check_header("dora", &from, 1, &verdict);
	compare(&verdict, "disabled", "5.7.1", "is disabled");
	check_header("nobody", &from, 1, &verdict);
	compare(&verdict, "unknown", "5.7.1", "belongs to no account");
}

static void too_many_fields_or_octets_are_refused(void **state)
{
	static char long_value[POLICY_OCTETS_MAX];
	struct policy_field fields[POLICY_FIELDS_MAX + 1];
	struct policy_verdict verdict;
	size_t i;

	(void)state;
	fields[0] = (struct policy_field){ "From", OWN, strlen(OWN) };
	for (i = 1; i < ARRAY_SIZE(fields); i++)
		fields[i] =
			(struct policy_field){ "Resent-X", OWN, strlen(OWN) };
	check_header("anna", fields, POLICY_FIELDS_MAX, &verdict);
	compare(&verdict, "as many as may be", "", "");
	check_header("anna", fields, ARRAY_SIZE(fields), &verdict);
	compare(&verdict, "one too many", "5.6.0", "too many or too long");

	for (i = 1; i < ARRAY_SIZE(fields); i++)
		fields[i].name = "Subject";
	check_header("anna", fields, ARRAY_SIZE(fields), &verdict);
	compare(&verdict, "fields that mean nothing", "", "");

	memset(long_value, 'x', sizeof(long_value));
	fields[1] = (struct policy_field){
		"Resent-X", long_value,
		sizeof(long_value) - strlen("From:" OWN "Resent-X:")
	};
	check_header("anna", fields, 2, &verdict);
	compare(&verdict, "as long as may be", "", "");
	fields[1].value_len++;
	check_header("anna", fields, 2, &verdict);
	compare(&verdict, "one octet too long", "5.6.0",
		"too many or too long");
	policy_too_much(&verdict);
	compare(&verdict, "said by the caller", "5.6.0",
		"too many or too long");
	assert_string_equal(verdict.account, "anna");
}

static void a_cr_that_ends_no_line_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		bool stray;
	} cases[] = {
		{ "nothing", "", false },
		{ "no CR", " a\n b", false },
		{ "folds", " a\r\n b\r\n c", false },
		{ "inside", " a\rFrom: b", true },
		{ "at the start", "\ra", true },
		{ "at the end", " a\r", true },
		{ "behind a fold", " a\r\n b\rc", true },
		{ "before a line end", " a\r\r\n b", true },
		{ "the wrong way round", " a\n\r b", true },
	};
	struct policy_verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (policy_has_stray_cr(cases[i].value) != cases[i].stray)
			fail_msg("%s", cases[i].name);
	}
	check_envelope("anna", "", &verdict);
	policy_stray_cr(&verdict);
	compare(&verdict, "the verdict", "5.6.0", "a CR stands alone");
	assert_string_equal(verdict.account, "anna");
}

static void an_outage_is_never_a_verdict_and_tells_nothing(void **state)
{
	const struct policy_field from = { "From", OWN, strlen(OWN) };
	char *path = mem_printf("%s/published/directory.db", folder);
	char *aside = mem_printf("%s/aside", folder);
	struct policy_verdict verdict;

	(void)state;
	assert_int_equal(rename(path, aside), 0);
	check_envelope("anna", "anna@example.org", &verdict);
	compare(&verdict, "envelope", "4.3.0", "try again later");
	assert_null(strstr(verdict.text, folder));
	assert_non_null(strstr(verdict.reason, folder));
	check_header("anna", &from, 1, &verdict);
	compare(&verdict, "header", "4.3.0", "try again later");
	assert_null(strstr(verdict.text, folder));
	assert_int_equal(rename(aside, path), 0);
	check_header("anna", &from, 1, &verdict);
	compare(&verdict, "it is back", "", "");
	mem_free_string(&path);
	mem_free_string(&aside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_envelope_sender_is_the_accounts),
		cmocka_unit_test(
			exempt_accounts_write_as_anybody_unless_disabled),
		cmocka_unit_test(an_unknown_login_can_be_exempt),
		cmocka_unit_test(the_log_gets_account_and_authors),
		cmocka_unit_test(the_cause_names_field_and_address_once),
		cmocka_unit_test(the_cause_names_the_envelope),
		cmocka_unit_test(a_login_decides_before_what_it_wrote),
		cmocka_unit_test(too_many_fields_or_octets_are_refused),
		cmocka_unit_test(a_cr_that_ends_no_line_is_refused),
		cmocka_unit_test(
			an_outage_is_never_a_verdict_and_tells_nothing),
	};

	return cmocka_run_group_tests(tests, people_set_up, people_tear_down);
}
