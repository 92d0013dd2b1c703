#include "tests/unit/test.h"

#include "admin/dovecot-conf.h"
#include "admin/dovecot-parts.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

static void passdbs_and_includes_of_the_top_level_are_found(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *found; /* 'i' and 'p', in order */
	} cases[] = {
		{ "of 2.3", "passdb {\n  driver = pam\n}\n", "p" },
		{ "of 2.4", "passdb pam {\n}\n", "p" },
		{ "on one line", "passdb pam { }\npassdb x {}\n", "pp" },
		{ "an include before it",
		  " !include a.conf\n!include_try b.conf\npassdb {\n}\n",
		  "iip" },
		{ "comments are nothing", "#passdb {\n  # !include a\n", "" },
		{ "in another section",
		  "protocol imap {\n  passdb {\n  }\n  !include a\n}\n", "" },
		{ "behind another section",
		  "service auth {\n  unix_listener x {\n  }\n}\npassdb {\n}\n",
		  "p" },
		{ "a value with a brace opens nothing", "a = {\npassdb {\n}\n",
		  "p" },
		{ "a condition opens", "if a = b {\n!include a\n}\n", "" },
		{ "a setting of that name", "passdb_x = y\npassdb = z\n", "" },
		{ "an include of nothing", "!include\n", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dovecot_statement statement;
		const char *expected = cases[i].found;
		int depth = 0;
		size_t at = 0;

		print_message("%s\n", cases[i].name);
		while (dovecot_conf_next(&statement, cases[i].text, &at,
					 &depth)) {
			assert_int_equal(statement.kind,
					 *expected == 'p' ? DOVECOT_PASSDB
							  : DOVECOT_INCLUDE);
			assert_true(*expected++ != '\0');
		}
		assert_int_equal(*expected, '\0');
	}
}

static void a_line_comes_and_goes_without_a_trace(void **state)
{
	static const struct {
		const char *name;
		const char *before;
		size_t at;
		const char *after;
	} cases[] = {
		{ "at the start", "a\nb\n", 0, "!include_try /y\na\nb\n" },
		{ "in between", "a\nb\n", 2, "a\n!include_try /y\nb\n" },
		{ "at the end", "a\nb\n", 4, "a\nb\n!include_try /y\n" },
		{ "at an end without LF", "a\nb", 3, "a\nb\n!include_try /y" },
		{ "in nothing", "", 0, "!include_try /y\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *after = dovecot_conf_with_line(
			cases[i].before, cases[i].at, "!include_try /y");
		char *again = dovecot_conf_without_include(after, "/y");

		print_message("%s\n", cases[i].name);
		assert_string_equal(after, cases[i].after);
		assert_string_equal(again, cases[i].before);
		mem_free_string(&after);
		mem_free_string(&again);
	}
}

static void an_include_goes_however_it_is_written(void **state)
{
	static const struct {
		const char *name;
		const char *before;
		const char *after;
	} cases[] = {
		{ "indented", "a\n  !include_try /y\nb\n", "a\nb\n" },
		{ "by hand", "!include  /y # ours\nb\n", "b\n" },
		{ "twice", "!include /y\n!include_try /y\n", "" },
		{ "a comment stays", "# !include_try /y\n",
		  "# !include_try /y\n" },
		{ "another file stays", "!include /y2\n!include y\n",
		  "!include /y2\n!include y\n" },
		{ "a setting stays", "include = /y\n", "include = /y\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *after =
			dovecot_conf_without_include(cases[i].before, "/y");

		print_message("%s\n", cases[i].name);
		assert_string_equal(after, cases[i].after);
		mem_free_string(&after);
	}
}

static void words_are_the_same_in_both_spellings(void **state)
{
	static const struct {
		const char *conf;
		const char *words; /* of a */
	} cases[] = {
		{ "a = b  c\n", "b  c" },
		{ "x {\n  a = b\n}\n", "b" },
		{ "a {\n  b = yes\n  c = no\n  d = yes\n}\ne = yes\n", "b d" },
		{ "a = \" b c\"\n", " b c" },
		{ "a =\n", "" },
		{ "ab = c\n", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *words = dovecot_conf_words(cases[i].conf, "a");

		assert_int_equal(words != NULL, cases[i].words != NULL);
		if (words != NULL)
			assert_string_equal(words, cases[i].words);
		mem_free_string(&words);
	}
	assert_true(dovecot_conf_has_word("a bc d", "bc"));
	assert_false(dovecot_conf_has_word("a bc d", "b"));
	assert_false(dovecot_conf_has_word(NULL, "b"));
}

#define PAM "passdb {\n  driver = pam\n}\n"
#define OURS "passdb {\n  args = gate=all\n  driver = tlspubkey\n}\n"
#define LOGIN "login_plugins = login_tlspubkey\n"
#define MECHANISMS "auth_mechanisms = plain tlspubkey external\n"

static void keys_are_refused_where_they_would_not_do(void **state)
{
	static const struct {
		const char *name;
		const char *before, *after;
		const char *reason; /* NULL: they do */
	} cases[] = {
		{ "in stock 2.3", PAM, MECHANISMS LOGIN OURS PAM, NULL },
		{ "in stock 2.4", "auth_mechanisms = plain\npassdb pam {\n}\n",
		  "auth_mechanisms {\n  plain = yes\n  tlspubkey = yes\n"
		  "  external = yes\n}\nlogin_plugins {\n  login_tlspubkey = "
		  "yes\n}\npassdb tlspubkey {\n}\npassdb pam {\n}\n",
		  NULL },
		{ "another passdb is first", PAM, MECHANISMS LOGIN PAM OURS,
		  "first passdb would be pam" },
		{ "mechanisms are set again", PAM,
		  "auth_mechanisms = plain\n" LOGIN OURS PAM,
		  "set it above the first passdb: auth_mechanisms would be "
		  "without tlspubkey" },
		{ "plugins are set again", PAM,
		  MECHANISMS "login_plugins = other\n" OURS PAM,
		  "without login_tlspubkey" },
		{ "a mechanism is lost", "auth_mechanisms = plain login\n" PAM,
		  MECHANISMS LOGIN OURS PAM, "would lose login" },
		{ "a setting is lost", "a = b\n" PAM, MECHANISMS LOGIN OURS PAM,
		  "\"a = b\"" },
		{ "one of two that are alike is lost", PAM PAM,
		  MECHANISMS LOGIN OURS PAM, "\"driver = pam\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		int result = dovecot_keys_work(cases[i].before, cases[i].after,
					       &err);

		print_message("%s\n", cases[i].name);
		assert_int_equal(result, cases[i].reason == NULL ? 0 : -1);
		if (result < 0)
			assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void lists_are_refused_where_they_would_not_do(void **state)
{
	static const struct {
		const char *name;
		const char *before, *after;
		const char *reason; /* NULL: they do */
	} cases[] = {
		{ "in stock", "a = b\n",
		  "a = b\nsieve_plugins = sieve_countersign\n", NULL },
		{ "a plugin is lost", "sieve_plugins = sieve_extprograms\n",
		  "sieve_plugins = sieve_countersign\n",
		  "would lose sieve_extprograms" },
		{ "plugins are set again", "sieve_plugins = x\n",
		  "sieve_plugins = x\n", "without sieve_countersign" },
		{ "a script is lost", "sieve_after = /a\n",
		  "sieve_after = /b\nsieve_plugins = sieve_countersign\n",
		  "\"sieve_after = /a\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		int result = dovecot_lists_work(cases[i].before, cases[i].after,
						&err);

		print_message("%s\n", cases[i].name);
		assert_int_equal(result, cases[i].reason == NULL ? 0 : -1);
		if (result == 0)
			continue;
		assert_non_null(strstr(err.text, cases[i].reason));
		assert_non_null(strstr(err.text, "into the site's own"));
	}
}

static void certificates_that_mean_something_are_left_alone(void **state)
{
	static const struct {
		const char *conf;
		const char *reason;
	} cases[] = {
		{ PAM, NULL },
		{ "ssl_ca = </etc/ca.pem\nssl_verify_client_cert = yes\n" PAM,
		  NULL },
		{ "auth_mechanisms = plain external\n", "external already" },
		{ "auth_mechanisms {\n  external = yes\n}\n",
		  "external already" },
		{ "auth_ssl_username_from_cert = yes\n",
		  "auth_ssl_username_from_cert" },
		{ "auth_ssl_username_from_cert = no\n", NULL },
		{ "service auth-worker {\n  user = vmail\n}\n",
		  "extra_groups = countersign" },
		{ "service auth-worker {\n  extra_groups = a countersign\n"
		  "  user = vmail\n}\n",
		  NULL },
		{ "service auth-worker {\n  user = root\n}\n", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		int result = dovecot_keys_allowed(cases[i].conf, &err);

		print_message("%s", cases[i].conf);
		assert_int_equal(result, cases[i].reason == NULL ? 0 : -1);
		if (result < 0)
			assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void a_site_that_verifies_certificates_is_known(void **state)
{
	(void)state;
	assert_true(dovecot_asks_for_certificates(
		"ssl_ca = </etc/ca.pem\nssl_verify_client_cert = yes\n"));
	assert_true(dovecot_asks_for_certificates(
		"ssl_server {\n  ca_file = /etc/ca.pem\n"
		"  request_client_cert = yes\n}\n"));
	assert_false(dovecot_asks_for_certificates("ssl_ca = </etc/ca.pem\n"));
}

static void workers_need_root_unless_all_is_known_not_to(void **state)
{
	static const struct {
		const char *conf;
		const char *what;
	} cases[] = {
		{ PAM, "passdb pam" },
		{ OURS "passdb {\n  driver = passwd-file\n}\n"
		       "userdb {\n  driver = static\n}\n",
		  NULL },
		{ "passdb passwd-file {\n}\nuserdb passwd {\n}\n", NULL },
		{ "passdb mine {\n  driver = sql\n  x {\n  }\n}\n",
		  "passdb sql" },
		{ OURS "userdb {\n  driver = lua\n}\n", "userdb lua" },
		{ "x {\n  passdb pam {\n  }\n}\n", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *what = dovecot_needs_root(cases[i].conf);

		assert_int_equal(what != NULL, cases[i].what != NULL);
		if (what != NULL)
			assert_string_equal(what, cases[i].what);
		mem_free_string(&what);
	}
}

static void submission_has_its_usual_ports_unless_they_are_set(void **state)
{
	static const char other[] = "service submission-login {\n"
				    "  inet_listener submissions {\n"
				    "    port = 10465\n    ssl = yes\n  }\n}\n";

	(void)state;
	assert_true(dovecot_submission_has_port("", "465"));
	assert_true(dovecot_submission_has_port("", "587"));
	assert_false(dovecot_submission_has_port("", "588"));
	assert_false(dovecot_submission_has_port(other, "465"));
	assert_true(dovecot_submission_has_port(other, "587"));
	assert_false(
		dovecot_submission_has_port("listen = 192.0.2.1\n", "465"));
}

static void sieve_is_on_where_a_protocol_has_its_plugin(void **state)
{
	(void)state;
	assert_true(dovecot_has_sieve(
		"protocol lmtp {\n  mail_plugins = \" sieve\"\n}\n"));
	assert_true(dovecot_has_sieve("mail_plugins = quota sieve\n"));
	assert_true(dovecot_has_sieve("protocol lmtp {\n  mail_plugins {\n    "
				      "sieve = yes\n  }\n}\n"));
	assert_false(dovecot_has_sieve("mail_plugins = quota\nsieve = x\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			passdbs_and_includes_of_the_top_level_are_found),
		cmocka_unit_test(a_line_comes_and_goes_without_a_trace),
		cmocka_unit_test(an_include_goes_however_it_is_written),
		cmocka_unit_test(words_are_the_same_in_both_spellings),
		cmocka_unit_test(keys_are_refused_where_they_would_not_do),
		cmocka_unit_test(lists_are_refused_where_they_would_not_do),
		cmocka_unit_test(
			certificates_that_mean_something_are_left_alone),
		cmocka_unit_test(a_site_that_verifies_certificates_is_known),
		cmocka_unit_test(workers_need_root_unless_all_is_known_not_to),
		cmocka_unit_test(
			submission_has_its_usual_ports_unless_they_are_set),
		cmocka_unit_test(sieve_is_on_where_a_protocol_has_its_plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
