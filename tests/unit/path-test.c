#include "tests/unit/test.h"

#include "common/path.h"
#include "common/policy.h"

#include <stdbool.h>
#include <string.h>

#define HOST "mail.example.org"

static void a_header_may_say_where_the_message_has_been(void **state)
{
	static const struct {
		const char *name;
		const char *field;
		const char *value;
		bool sieve;
		bool returned;
	} cases[] = {
		{ "Dovecot's mark", "X-Sieve-Redirected-From",
		  "anna@example.org", true, false },
		{ "in any case", "x-sieve-redirected-FROM", "", true, false },
		{ "Dovecot's other mark", "X-Sieve", "Pigeonhole Sieve 0.5.19",
		  false, false },

		{ "by SMTP", "Received",
		  "from a.example.net (a.example.net [192.0.2.9])\n"
		  "\tby mail.example.org (Postfix) with ESMTP id 1\n"
		  "\tfor <anna@example.org>; Sun, 22 Nov 2026 07:31:23 +0000",
		  false, true },
		{ "by the sendmail command", "received",
		  "by MAIL.example.org (Postfix, from userid 1000)\n\tid 1; x",
		  false, true },
		{ "by what is given to \"sendmail -bs\", which was nowhere",
		  "Received",
		  "from x (localhost [127.0.0.1])\n\tby mail.example.org "
		  "(Postfix) with ESMTP id 1",
		  false, false },
		{ "the same, IPv6 first", "Received",
		  "from x (localhost [IPv6:::1])\n\tby mail.example.org "
		  "(Postfix) with ESMTP id 1",
		  false, false },
		{ "by a client whose certificate calls it so", "Received",
		  "from x (unknown [192.0.2.9])\n\t(Client CN \"(a "
		  "[127.0.0.1])\", Issuer \"b\" (not verified))\n\tby "
		  "mail.example.org (Postfix) with ESMTPS id 1",
		  false, true },
		{ "by a client that calls itself so, as Thunderbird does",
		  "Received",
		  "from [127.0.0.1] (unknown [192.0.2.9])\n\tby "
		  "mail.example.org (Postfix) with ESMTPSA id 1",
		  false, true },
		{ "by another host", "Received",
		  "from mail.example.org (x [192.0.2.9])\n\tby "
		  "mail.example.org.example.net (Postfix) with ESMTP id 1",
		  false, false },
		{ "by one whose name begins alike", "Received",
		  "by mail.example.orgx", false, false },
		{ "from us", "Received", "from mail.example.org", false,
		  false },
		{ "nothing behind by", "Received", "x by", false, false },
		{ "empty", "Received", "", false, false },
		{ "in another field", "X-Received", "by mail.example.org",
		  false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct path_marks marks = { .sieve = false };

		path_read_field(&marks, HOST, cases[i].field, cases[i].value);
		if (marks.sieve != cases[i].sieve ||
		    marks.returned != cases[i].returned)
			fail_msg("%s", cases[i].name);
		memset(&marks, 0, sizeof(marks));
		path_read_field(&marks, NULL, cases[i].field, cases[i].value);
		assert_false(marks.returned || marks.received);
	}
}

static void
what_any_host_received_is_known_but_for_what_came_from_here(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		bool received;
	} cases[] = {
		{ "Received", "from a by mx.example.net; x", true },
		{ "received", "by " HOST, true },
		{ "Received", "", true },
		{ "Received", "from x (localhost [127.0.0.1]) by " HOST,
		  false },
		{ "Received-SPF", "pass", false },
		{ "X-Received", "by mx.example.net", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct path_marks marks = { .sieve = false };

		path_read_field(&marks, HOST, cases[i].name, cases[i].value);
		assert_int_equal(marks.received, cases[i].received);
	}
}

static void a_mark_once_seen_stays(void **state)
{
	struct path_marks marks = { .sieve = false };

	(void)state;
	path_read_field(&marks, HOST, "Received", "by " HOST);
	path_read_field(&marks, HOST, "X-Sieve-Redirected-From", "a");
	path_read_field(&marks, HOST, "Received", "by mx.example.net");
	path_read_field(&marks, HOST, "Subject", "x");
	assert_true(marks.sieve && marks.returned && marks.received);
}

static void a_bounce_is_from_nobody_and_by_the_daemon_alone(void **state)
{
#define DAEMON "Mail Delivery System <MAILER-DAEMON@mail.example.org>"
	static const struct {
		const char *name;
		const char *mail_from;
		const char *from, *second;
		bool bounce;
	} cases[] = {
		{ "Postfix's own", "", DAEMON, NULL, true },
		{ "in the old form of the address", "",
		  "mailer-daemon@mail.example.org (Mail Delivery System)", NULL,
		  true },
		{ "for the postmaster", "double-bounce@mail.example.org",
		  DAEMON, NULL, true },

		{ "not from nobody", "anna@example.org", DAEMON, NULL, false },
		{ "from one whose name begins so",
		  "double-bounces@mail.example.org", DAEMON, NULL, false },
		{ "by somebody", "", "anna@example.org", NULL, false },
		{ "by somebody besides", "",
		  "MAILER-DAEMON@example.net, anna@example.org", NULL, false },
		{ "by a name alone", "", "MAILER-DAEMON <anna@example.org>",
		  NULL, false },
		{ "by a group", "", "G: MAILER-DAEMON@example.net;", NULL,
		  false },
		{ "by a name that begins so", "", "MAILER-DAEMONS@example.net",
		  NULL, false },
		{ "two From", "", DAEMON, DAEMON, false },
		{ "by nobody", "", NULL, NULL, false },
		{ "not well-formed", "", "MAILER-DAEMON@example.net <", NULL,
		  false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_field fields[2] = { { .name = "From" },
						  { .name = "From" } };
		const char *const values[] = { cases[i].from, cases[i].second };
		size_t count = 0;

		while (count < ARRAY_SIZE(values) && values[count] != NULL) {
			fields[count].value = values[count];
			fields[count].value_len = strlen(values[count]);
			count++;
		}
		if (path_is_bounce(cases[i].mail_from, fields, count) !=
		    cases[i].bounce)
			fail_msg("%s", cases[i].name);
	}
}

static void a_sender_or_resent_field_makes_it_no_bounce(void **state)
{
	static const struct policy_field fields[] = {
		{ "Subject", "Undelivered Mail", 16 },
		{ "From", DAEMON, strlen(DAEMON) },
		{ "Sender", "anna@example.org", 16 },
		{ "From", DAEMON, strlen(DAEMON) },
		{ "Resent-From", "anna@example.org", 16 },
	};

	(void)state;
	assert_true(path_is_bounce("", fields, 2));
	assert_false(path_is_bounce("", fields, 3));
	assert_false(path_is_bounce("", fields + 2, 1));
	assert_false(path_is_bounce("", fields + 2, 2));
	assert_true(path_is_bounce("", fields + 3, 1));
	assert_false(path_is_bounce("", fields + 3, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_may_say_where_the_message_has_been),
		cmocka_unit_test(
			what_any_host_received_is_known_but_for_what_came_from_here),
		cmocka_unit_test(a_mark_once_seen_stays),
		cmocka_unit_test(
			a_bounce_is_from_nobody_and_by_the_daemon_alone),
		cmocka_unit_test(a_sender_or_resent_field_makes_it_no_bounce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
