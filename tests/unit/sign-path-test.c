#include "tests/unit/conf-lines.h"

#include "common/error.h"
#include "common/path.h"
#include "common/policy.h"
#include "milter-dkim/authors.h"
#include "milter-dkim/sign-path.h"
#include "milter-dkim/sign-rules.h"

#include <stdbool.h>
#include <string.h>

static const struct conf_setting table[] = {
	SIGN_RULES_SETTINGS(0),
	{ .name = NULL },
};

/* As settings.c loads them, from lines of a file. */
static int
load(struct sign_rules *rules_r, const char *lines, struct error *err_r)
{
	memset(rules_r, 0, sizeof(*rules_r));
	conf_load_lines(rules_r, table, lines);
	return sign_rules_finish(rules_r, err_r);
}

static void release(struct sign_rules *rules)
{
	sign_rules_release(rules);
	conf_release(rules, table);
}

static int try_to_load(const char *lines, struct error *err_r)
{
	struct sign_rules rules;
	int result = load(&rules, lines, err_r);

	release(&rules);
	return result;
}

static void what_is_no_rule_is_refused_with_the_reason(void **state)
{
	static const struct conf_complaint cases[] = {
		{ "sign_local = a@example.org", "sign_local: " },
		{ "sign_local = .example.org", "sign_local: " },
		{ "sign_local = *.example.org", "sign_local: " },
		{ "sign_bounces = 192.0.2.1", "sign_bounces: " },
		{ "sign_networks = example.org",
		  "sign_networks: \"example.org\": it must be "
		  "NETWORK=DOMAIN" },
		{ "sign_networks = =example.org",
		  "is no IP address or network" },
		{ "sign_networks = 192.0.2.1/24=example.org",
		  "has bits set behind" },
		{ "sign_networks = 192.0.2.0/24=", "sign_networks: " },
		{ "sign_networks = 192.0.2.1=a.example,192.0.2.1=A.example",
		  "stands there already" },
	};

	(void)state;
	conf_must_complain(cases, ARRAY_SIZE(cases), try_to_load);
}

static void at_mail_only_what_may_be_signed_is_gone_on_with(void **state)
{
	static const struct {
		const char *name;
		const char *rules;
		enum path_kind kind;
		const char *mail_from;
		bool may;
	} cases[] = {
		{ "a login", "", PATH_SUBMISSION, "a@example.org", true },
		{ "from outside, whatever the rules",
		  "sign_local = example.org\nsign_bounces = example.org",
		  PATH_OUTSIDE, "", false },
		{ "a network of the rules",
		  "sign_networks = 192.0.2.1=example.org", PATH_NETWORK, "",
		  true },
		{ "sendmail, by default", "", PATH_LOCAL, "", false },
		{ "sendmail, with domains", "sign_local = example.org",
		  PATH_LOCAL, "a@example.net", true },
		{ "what may be a bounce, with domains",
		  "sign_bounces = example.org", PATH_LOCAL, "", true },
		{ "the postmaster's copy of one", "sign_bounces = example.org",
		  PATH_LOCAL, "double-bounce@example.org", true },
		{ "what can be none", "sign_bounces = example.org", PATH_LOCAL,
		  "a@example.org", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct path path = { .kind = cases[i].kind };
		struct sign_rules rules;
		struct error err;

		must(load(&rules, cases[i].rules, &err), &err);
		if (sign_path_may(&rules, &path, cases[i].mail_from) !=
		    cases[i].may)
			fail_msg("%s", cases[i].name);
		release(&rules);
	}
}

static void what_is_passed_on_is_never_signed(void **state)
{
	static const struct {
		enum path_kind kind;
		bool sieve, received, returned;
		bool passed_on;
	} cases[] = {
		{ PATH_SUBMISSION, false, false, false, false },
		{ PATH_SUBMISSION, true, false, false, true },
		/* Dovecot's submission service writes Received: too. */
		{ PATH_SUBMISSION, false, true, true, false },
		{ PATH_LOCAL, false, false, false, false },
		{ PATH_LOCAL, true, false, false, true },
		{ PATH_LOCAL, false, true, true, true },
		{ PATH_LOCAL, false, true, false, true },
		{ PATH_NETWORK, false, false, false, false },
		{ PATH_NETWORK, true, false, false, true },
		{ PATH_NETWORK, false, true, true, true },
		/* Its own MTA's. */
		{ PATH_NETWORK, false, true, false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct path path = { .kind = cases[i].kind };
		const struct path_marks marks = {
			.sieve = cases[i].sieve,
			.received = cases[i].received,
			.returned = cases[i].returned,
		};

		assert_int_equal(sign_path_passed_on(&path, &marks) != NULL,
				 cases[i].passed_on);
	}
}

#define RULES                                                                  \
	"sign_local = example.org, b\xc3\xbc"                                  \
	"cher.example\n"                                                       \
	"sign_networks = 192.0.2.0/24=example.org 192.0.2.1=example.com "      \
	"192.0.2.1=example.net 198.51.100.0/24=example.org\n"                  \
	"sign_bounces = mail.example.org\n"

static void the_table_of_paths_holds(void **state)
{
	static const char local[] = "sign_local does not name";
	static const char network[] = "sign_networks does not name";
	static const char bounce[] = "sign_bounces does not name";
	static const struct {
		const char *name;
		struct path_client client;
		bool bounce;
		const char *from;
		const char *refusal;
	} cases[] = {
#define HOST { NULL, "127.0.0.1", "0" }
		{ "a login", { .login = "a" }, false, "a@example.net", NULL },
		{ "from outside",
		  { NULL, "198.51.101.1", "1" },
		  false,
		  "a@example.org",
		  "from outside" },

		{ "sendmail, named", HOST, false, "a@EXAMPLE.org", NULL },
		{ "a U-label, named", HOST, false,
		  "a@b\xc3\xbc"
		  "cher.example",
		  NULL },
		{ "its A-label", HOST, false, "a@xn--bcher-kva.example", NULL },
		{ "below a name", HOST, false, "a@sub.example.org", local },
		{ "above one", HOST, false, "a@example", local },
		{ "not named", HOST, false, "a@example.com", local },
		{ "one of two", HOST, false, "a@example.org, a@example.com",
		  local },
		{ "the other of two", HOST, false,
		  "a@example.com, a@example.org", local },
		{ "in a group", HOST, false, "G: a@example.org, a@example.com;",
		  local },
		{ "two", HOST, false, "a@example.org, b@example.org", NULL },

		{ "a bounce, named", HOST, true, "x@mail.example.org", NULL },
		{ "a bounce, by sign_local", HOST, true, "x@example.org",
		  NULL },
		{ "a bounce of another", HOST, true, "x@example.com", bounce },
		{ "what is none, of the bounces' domain", HOST, false,
		  "x@mail.example.org", local },

		{ "a network",
		  { NULL, "192.0.2.2", "1" },
		  false,
		  "a@example.org",
		  NULL },
		{ "its other domain",
		  { NULL, "192.0.2.2", "1" },
		  false,
		  "a@example.com",
		  network },
		{ "a host in it",
		  { NULL, "192.0.2.1", "1" },
		  false,
		  "a@example.com, b@example.net, c@example.org",
		  NULL },
		{ "the same, with one more",
		  { NULL, "192.0.2.1", "1" },
		  false,
		  "a@example.com, b@mail.example.org",
		  network },
		{ "what looks like a bounce there",
		  { NULL, "192.0.2.1", "1" },
		  true,
		  "x@mail.example.org",
		  network },
	};
	struct sign_rules rules;
	struct error err;
	size_t i;

	(void)state;
	must(load(&rules, RULES, &err), &err);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct policy_field from = { "From", cases[i].from,
						   strlen(cases[i].from) };
		struct path path = path_find(&rules.domains, &cases[i].client);
		struct authors authors;
		const char *refusal;

		must(authors_read(&authors, &from, 1, AUTHORS_FIRST, &err),
		     &err);
		refusal = sign_path_refusal(&rules, &path, cases[i].bounce,
					    &authors);
		if ((refusal == NULL) != (cases[i].refusal == NULL) ||
		    (refusal != NULL &&
		     strstr(refusal, cases[i].refusal) == NULL))
			fail_msg("%s: %s", cases[i].name,
				 refusal != NULL ? refusal : "signed");
		authors_release(&authors);
	}
	release(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_rule_is_refused_with_the_reason),
		cmocka_unit_test(
			at_mail_only_what_may_be_signed_is_gone_on_with),
		cmocka_unit_test(what_is_passed_on_is_never_signed),
		cmocka_unit_test(the_table_of_paths_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
