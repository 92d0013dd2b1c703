#include "tests/unit/conf-lines.h"

#include "common/error.h"
#include "milter-sender-check/path-rules.h"
#include "milter-sender-check/sender-path.h"

#include <stdbool.h>
#include <string.h>

static const struct conf_setting table[] = {
	PATH_RULES_SETTINGS(0),
	{ .name = NULL },
};

/* As settings.c loads them, from lines of a file. */
static int
load(struct path_rules *rules_r, const char *lines, struct error *err_r)
{
	memset(rules_r, 0, sizeof(*rules_r));
	conf_load_lines(rules_r, table, lines);
	return path_rules_finish(rules_r, err_r);
}

static void release(struct path_rules *rules)
{
	path_rules_release(rules);
	conf_release(rules, table);
}

static int try_to_load(const char *lines, struct error *err_r)
{
	struct path_rules rules;
	int result = load(&rules, lines, err_r);

	release(&rules);
	return result;
}

static void what_is_no_rule_is_refused_with_the_reason(void **state)
{
	static const struct conf_complaint cases[] = {
		{ "local = %staff",
		  "local: exempt, refuse or an account, not \"%staff\"" },
		{ "local = two words", "local: exempt, refuse or an account" },
		{ "networks = 192.0.2.0/24",
		  "networks: \"192.0.2.0/24\": it must be NETWORK=ACCOUNT" },
		{ "networks = =printer", "is no IP address or network" },
		{ "networks = 192.0.2.1/24=printer", "has bits set behind" },
		{ "networks = 192.0.2.0/24=", "networks: \"192.0.2.0/24=\"" },
		{ "networks = 192.0.2.0/24=%staff", "networks: " },
		{ "networks = 192.0.2.0/24=a 192.0.2.0/24=b",
		  "networks: \"192.0.2.0/24=b\": the network stands there" },
		{ "networks = 192.0.2.1=a,::ffff:192.0.2.1=a",
		  "stands there already" },
	};

	(void)state;
	conf_must_complain(cases, ARRAY_SIZE(cases), try_to_load);
}

static void login_client_and_rules_say_which_path_it_is(void **state)
{
	static const char rules_text[] =
		"local = Postmaster\n"
		"networks = 192.0.2.0/24=printer 192.0.2.128/25=Scanner, "
		"2001:db8::/64=wiki 198.51.100.7=one\n";
	static const struct {
		const char *name;
		struct path_client client;
		enum path_kind kind;
		const char *account;
	} cases[] = {
		{ "a login is a submission",
		  { "anna", "198.51.100.1", "4711" },
		  PATH_SUBMISSION,
		  "anna" },
		{ "a login counts before a network",
		  { "anna", "192.0.2.1", "4711" },
		  PATH_SUBMISSION,
		  "anna" },
		{ "a login counts before the host",
		  { "anna", "127.0.0.1", "0" },
		  PATH_SUBMISSION,
		  "anna" },
		{ "a login without a client told",
		  { .login = "anna" },
		  PATH_SUBMISSION,
		  "anna" },

		{ "no client at all",
		  { NULL, "127.0.0.1", "0" },
		  PATH_LOCAL,
		  "postmaster" },
		{ "no client at all, IPv6 first",
		  { NULL, "::1", "0" },
		  PATH_LOCAL,
		  "postmaster" },
		{ "a process on the host, by SMTP",
		  { NULL, "127.0.0.1", "4711" },
		  PATH_OUTSIDE,
		  NULL },
		{ "port 0 from afar is no mark of the host",
		  { NULL, "198.51.100.1", "0" },
		  PATH_OUTSIDE,
		  NULL },
		{ "nor is it from a network",
		  { NULL, "192.0.2.1", "0" },
		  PATH_NETWORK,
		  "printer" },
		{ "a port that begins so",
		  { NULL, "127.0.0.1", "01" },
		  PATH_OUTSIDE,
		  NULL },
		{ "no port told",
		  { NULL, "127.0.0.1", NULL },
		  PATH_OUTSIDE,
		  NULL },

		{ "a network",
		  { NULL, "192.0.2.1", "4711" },
		  PATH_NETWORK,
		  "printer" },
		{ "the longest prefix of two",
		  { NULL, "192.0.2.129", "4711" },
		  PATH_NETWORK,
		  "scanner" },
		{ "one of IPv6",
		  { NULL, "IPv6:2001:db8::9", "4711" },
		  PATH_NETWORK,
		  "wiki" },
		{ "one host",
		  { NULL, "198.51.100.7", "4711" },
		  PATH_NETWORK,
		  "one" },
		{ "another host",
		  { NULL, "198.51.100.8", "4711" },
		  PATH_OUTSIDE,
		  NULL },
		{ "a client that is gone",
		  { NULL, "unknown", "0" },
		  PATH_OUTSIDE,
		  NULL },
		{ "no client told", { NULL, NULL, NULL }, PATH_OUTSIDE, NULL },
	};
	struct path_rules rules;
	struct error err;
	size_t i;

	(void)state;
	must(load(&rules, rules_text, &err), &err);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sender_path path =
			sender_path_find(&rules, &cases[i].client);
		const char *account =
			path.account != NULL ? path.account : "nobody";

		if (path.kind != cases[i].kind ||
		    strcmp(account, cases[i].account != NULL ? cases[i].account
							     : "nobody") != 0)
			fail_msg("%s: %d as %s", cases[i].name, path.kind,
				 account);
	}
	release(&rules);
}

#define EXEMPT "the mail of the host itself is exempt"
#define BOUNCE "a bounce of the MTA's own"
#define SIEVE "redirected by Sieve, which is exempt"
#define RETURNED "has come through this host before, which is exempt"

enum {
	NONE = 0,
	BY_SIEVE = 1,
	AGAIN = 2,
	AS_BOUNCE = 4,
	ALL = 7
};

static void the_table_of_paths_holds(void **state)
{
	static const struct {
		const char *name;
		const char *rules;
		enum path_kind kind;
		int marks;
		enum sender_path_action action;
		const char *reason;
	} cases[] = {
		{ "a login is checked", "", PATH_SUBMISSION, NONE,
		  SENDER_PATH_CHECK, NULL },
		{ "whatever its header says", "", PATH_SUBMISSION, ALL,
		  SENDER_PATH_CHECK, NULL },

		{ "sendmail, by default", "", PATH_LOCAL, NONE,
		  SENDER_PATH_PASS, EXEMPT },
		{ "where exempt, nothing else matters", "", PATH_LOCAL, ALL,
		  SENDER_PATH_PASS, EXEMPT },
		{ "sendmail, refused", "local = refuse", PATH_LOCAL, NONE,
		  SENDER_PATH_REFUSE, NULL },
		{ "a bounce, where sendmail is refused", "local = refuse",
		  PATH_LOCAL, AS_BOUNCE, SENDER_PATH_PASS, BOUNCE },
		{ "Sieve's redirect, where sendmail is refused",
		  "local = refuse", PATH_LOCAL, BY_SIEVE, SENDER_PATH_PASS,
		  SIEVE },
		{ "a forward, where sendmail is refused", "local = refuse",
		  PATH_LOCAL, AGAIN, SENDER_PATH_PASS, RETURNED },
		{ "redirects checked: refused all the same",
		  "local = refuse\nredirected = check", PATH_LOCAL,
		  BY_SIEVE | AGAIN, SENDER_PATH_REFUSE, NULL },
		{ "redirects checked: a bounce passes",
		  "local = refuse\nredirected = check", PATH_LOCAL, AS_BOUNCE,
		  SENDER_PATH_PASS, BOUNCE },
		{ "sendmail, as an account", "local = web", PATH_LOCAL, NONE,
		  SENDER_PATH_CHECK, NULL },
		{ "a bounce, where sendmail is an account", "local = web",
		  PATH_LOCAL, AS_BOUNCE, SENDER_PATH_PASS, BOUNCE },
		{ "Sieve's redirect, where sendmail is an account",
		  "local = web", PATH_LOCAL, BY_SIEVE, SENDER_PATH_PASS,
		  SIEVE },
		{ "redirects checked, as an account",
		  "local = web\nredirected = check", PATH_LOCAL,
		  BY_SIEVE | AGAIN, SENDER_PATH_CHECK, NULL },

		{ "a network, whatever holds on the host", "local = exempt",
		  PATH_NETWORK, NONE, SENDER_PATH_CHECK, NULL },
		{ "a network's bounce is as its other mail", "", PATH_NETWORK,
		  AS_BOUNCE, SENDER_PATH_CHECK, NULL },
		{ "Sieve's redirect from a network", "", PATH_NETWORK, BY_SIEVE,
		  SENDER_PATH_PASS, SIEVE },
		{ "a forward from a network", "", PATH_NETWORK, AGAIN,
		  SENDER_PATH_PASS, RETURNED },
		{ "redirects checked, from a network", "redirected = check",
		  PATH_NETWORK, BY_SIEVE | AGAIN, SENDER_PATH_CHECK, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct path_marks marks = {
			.sieve = (cases[i].marks & BY_SIEVE) != 0,
			.returned = (cases[i].marks & AGAIN) != 0,
		};
		struct path_rules rules;
		struct sender_path path = { .kind = cases[i].kind };
		struct error err;
		enum sender_path_action action;
		const char *reason;

		must(load(&rules, cases[i].rules, &err), &err);
		if (cases[i].kind != PATH_LOCAL ||
		    rules.local_kind == PATH_LOCAL_ACCOUNT)
			path.account = "anna";
		action = sender_path_decide(&reason, &rules, &path, &marks,
					    (cases[i].marks & AS_BOUNCE) != 0);
		if (action != cases[i].action ||
		    (reason == NULL) != (cases[i].reason == NULL) ||
		    (reason != NULL && strcmp(reason, cases[i].reason) != 0))
			fail_msg("%s: %d, %s", cases[i].name, action,
				 reason != NULL ? reason : "no reason");
		release(&rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_rule_is_refused_with_the_reason),
		cmocka_unit_test(login_client_and_rules_say_which_path_it_is),
		cmocka_unit_test(the_table_of_paths_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
