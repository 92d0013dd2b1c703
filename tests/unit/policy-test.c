#include "tests/unit/test.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"

#include "admin/master.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <stdbool.h>
#include <string.h>

#define NOW 1800000000
#define FIELDS_MAX 5

#define OE "\xc3\xb6"	   /* U+00F6, NFC */
#define OE_NFD "o\xcc\x88" /* the same, NFD */
#define ZERO_WIDTH "\xe2\x80\x8b"
#define BIDI "\xe2\x80\xae"

static char *folder;
static struct directory *dir;
static struct policy_rules rules; /* the strict ones, but where changed */

static void check_envelope(const char *login, const char *mail_from,
			   struct policy_verdict *verdict_r)
{
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = login,
		.mail_from = mail_from,
		.now = NOW,
	};

	policy_check_envelope(&question, verdict_r);
}

static void check_header(const char *login, const struct policy_field *fields,
			 size_t count, struct policy_verdict *verdict_r)
{
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = login,
		.mail_from = "anna+m@example.org",
		.now = NOW,
	};

	policy_check_header(&question, fields, count, verdict_r);
}

static void add_people(struct master *master)
{
	static const char *const names[] = { "anna", "ceo", "dora", "max" };
	struct error err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		must(master_account_add(master, names[i], &err), &err);
	must(master_account_enable(master, "dora", false, &err), &err);
	must(master_domain_add(master, "example.org", "+", false, NULL, &err),
	     &err);
	must(master_domain_add(master, "example.net", "", false, "example.org",
			       &err),
	     &err);
	must(master_domain_add(master, "b" OE "cher.example", "", true, NULL,
			       &err),
	     &err);
	must(master_address_add(master, "anna@example.org", "anna", &err),
	     &err);
	must(master_address_add(master, "J" OE "rg@b" OE "cher.example", "anna",
				&err),
	     &err);
	must(master_address_add(master, "ceo@example.org", "ceo", &err), &err);
	must(master_address_add(master, "dora@example.org", "dora", &err),
	     &err);
	must(master_address_add(master, "@example.org", "max", &err), &err);
}

static void grant(struct master *master, const char *holder,
		  const char *address, time_t until, bool on_behalf)
{
	const struct master_grant row = { holder, address, until, on_behalf };
	struct error err;

	must(master_grant_add(master, &row, &err), &err);
}

static void fill(struct master *master)
{
	struct error err;

	add_people(master);
	must(master_group_add(master, "staff", &err), &err);
	must(master_group_add_member(master, "staff", "anna", &err), &err);
	grant(master, "%staff", "info@example.org", 0, false);
	grant(master, "anna", "boss@example.com", 0, true);
	grant(master, "anna", "old@example.com", NOW, false);
	grant(master, "anna", "new@example.com", NOW + 1, false);
	grant(master, "anna", "@example.test", 0, false);
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

/* What holds for every verdict. */
static void must_be_sound(const struct policy_verdict *verdict)
{
	const char *c;

	switch (verdict->result) {
	case POLICY_PASS:
		assert_string_equal(verdict->code, "");
		assert_string_equal(verdict->status, "");
		assert_string_equal(verdict->text, "");
		assert_string_equal(verdict->reason, "");
		return;
	case POLICY_REJECT:
		assert_string_equal(verdict->code, "550");
		assert_int_equal(verdict->status[0], '5');
		break;
	case POLICY_DEFER:
		assert_string_equal(verdict->code, "451");
		assert_string_equal(verdict->status, "4.3.0");
		break;
	}
	assert_string_not_equal(verdict->reason, "");
	assert_string_not_equal(verdict->text, "");
	for (c = verdict->text; *c != '\0'; c++)
		assert_in_range(*c, 0x20, 0x7e);
}

/* status: "" is a pass. */
static void compare(const struct policy_verdict *verdict, const char *name,
		    const char *status, const char *text)
{
	must_be_sound(verdict);
	if (strcmp(verdict->status, status) != 0 ||
	    strstr(verdict->text, text) == NULL)
		fail_msg("%s: %s %s", name, verdict->status, verdict->text);
}

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

static void check(struct policy_verdict *verdict_r, const char *const *fields)
{
	struct policy_field list[FIELDS_MAX + 1];
	size_t count = 0;

	for (; fields[2 * count] != NULL; count++) {
		const char *value = fields[2 * count + 1];

		list[count] = (struct policy_field){
			.name = fields[2 * count],
			.value = value,
			.value_len = strlen(value),
		};
	}
	check_header("anna", list, count, verdict_r);
}

#define OWN "Anna <anna@example.org>"

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
		cmocka_unit_test(the_authors_are_the_accounts),
		cmocka_unit_test(each_resent_block_is_the_accounts),
		cmocka_unit_test(where_allowed_an_own_resent_from_excuses_from),
		cmocka_unit_test(
			the_sender_that_is_added_is_one_of_the_accounts_own),
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

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
