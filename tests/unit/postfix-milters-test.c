#include "tests/unit/test.h"

#include "admin/milter-list.h"
#include "admin/postfix-milters.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

#define CHECK "countersign/sender-check/milter"
#define DKIM "countersign/dkim/milter"
#define OUR_CHECK "{ unix:" CHECK ", default_action=tempfail, protocol=6 }"
#define OUR_DKIM "{ unix:" DKIM ", default_action=tempfail, protocol=6 }"

#define SMTP "smtp inet n - y - - smtpd\n"
#define SUBMISSION "submission inet n - y - - smtpd\n  -o a=b\n"
#define OURS "  -o { smtpd_milters =\n      " OUR_CHECK ",\n      " OUR_DKIM
#define QMGR "qmgr unix n - n 300 1 qmgr\n"

static const char *const ours[] = { CHECK, DKIM, NULL };
static const char *const dkim[] = { DKIM, NULL };
static const char *const none[] = { NULL };

static void ours_are_known_however_they_are_written(void **state)
{
	static const struct {
		const char *name;
		const char *list;
		bool has, safe;
		const char *without;
	} cases[] = {
		{ "an empty list", "", false, false, "" },
		{ "others alone", "inet:localhost:8891, { inet:x:1, a=b }",
		  false, false, "inet:localhost:8891, { inet:x:1, a=b }" },
		{ "a name", "unix:" DKIM, true, false, "" },
		{ "a path", "local:/var/spool/postfix/" DKIM " inet:x:1", true,
		  false, "inet:x:1" },
		{ "a path in the chroot", "inet:x:1 unix:/" DKIM, true, false,
		  "inet:x:1" },
		{ "in braces", "{unix:" DKIM "},inet:x:1", true, false,
		  "inet:x:1" },
		{ "in the middle", "inet:x:1, " OUR_DKIM ", inet:y:1", true,
		  true, "inet:x:1, inet:y:1" },
		{ "at the end", "inet:x:1,\n    unix:" DKIM, true, false,
		  "inet:x:1" },
		{ "twice", "unix:" DKIM " a unix:" DKIM, true, false, "a" },
		{ "a setting that merely names it",
		  "{ inet:x:1, y=unix:" DKIM " }", false, false,
		  "{ inet:x:1, y=unix:" DKIM " }" },
		{ "another socket", "unix:" DKIM "2", false, false,
		  "unix:" DKIM "2" },
		{ "another transport", "inet:" DKIM, false, false,
		  "inet:" DKIM },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *without = milter_list_without(cases[i].list, dkim);
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(milter_list_check(cases[i].list, &err), 0);
		assert_int_equal(milter_list_has(cases[i].list, DKIM),
				 cases[i].has);
		assert_int_equal(milter_list_has_safe(cases[i].list, DKIM),
				 cases[i].safe);
		assert_string_equal(without, cases[i].without);
		mem_free_string(&without);
	}
}

static void a_list_that_postfix_would_not_take_is_refused(void **state)
{
	static const char *const lists[] = { "{ inet:x:1", "{ inet:x:1 }y",
					     "{ }", "a, {}" };
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		assert_int_equal(milter_list_check(lists[i], &err), -1);
}

struct example {
	const char *name;
	const char *before;
	const char *main_list;
	const char *after;
};

static const struct example examples[] = {
	{ "no milters at all", SMTP SUBMISSION QMGR, "",
	  SMTP SUBMISSION OURS " }\n" QMGR },
	{ "those of main.cf stay, in order", SMTP SUBMISSION QMGR,
	  "inet:localhost:8891, { inet:x:1, default_action=accept }",
	  SMTP SUBMISSION OURS
	  ",\n      inet:localhost:8891,\n"
	  "      { inet:x:1, default_action=accept } }\n" QMGR },
	{ "what main.cf refers to is referred to", SUBMISSION, "$signers",
	  SUBMISSION OURS ",\n      $signers }\n" },
	{ "ours are there once, though main.cf has them", SUBMISSION,
	  "inet:x:1, unix:" DKIM ", inet:y:2",
	  SUBMISSION OURS ",\n      inet:x:1,\n      inet:y:2 }\n" },
	{ "its own stay, whatever main.cf has",
	  SUBMISSION "  -o smtpd_milters=inet:y:2\n  -o c=d\n", "inet:x:1",
	  SUBMISSION OURS ",\n      inet:y:2 }\n  -o c=d\n" },
	{ "its own nothing stays nothing", SUBMISSION "  -o smtpd_milters=\n",
	  "inet:x:1", SUBMISSION OURS " }\n" },
	{ "every submission service, and no other",
	  "192.0.2.1:587 inet n - y - - smtpd\n"
	  "[::1]:submissions inet n - y - - smtpd\n"
	  "465 inet n - y - - smtpd\n" SMTP "submission unix n - y - - smtpd\n"
	  "smtps inet n - y - - postscreen\n",
	  "",
	  "192.0.2.1:587 inet n - y - - smtpd\n" OURS " }\n"
	  "[::1]:submissions inet n - y - - smtpd\n" OURS " }\n"
	  "465 inet n - y - - smtpd\n" OURS " }\n" SMTP
	  "submission unix n - y - - smtpd\n"
	  "smtps inet n - y - - postscreen\n" },
};

/* Puts (or keeps, if not put) what is wanted; the record may be NULL. */
static void edit(char **without_r, char **with_r, const char *now,
		 const char *main_list, const char *old_without,
		 const char *old_with, const char *const *wanted, bool put)
{
	struct postfix_milters milters = {
		.now = now,
		.main_list = main_list,
		.old_without = old_without != NULL ? old_without : "",
		.old_with = old_with != NULL ? old_with : "",
		.ours = ours,
		.wanted = wanted,
		.put = put,
	};
	struct error err;

	assert_int_equal(
		postfix_milters_edit(without_r, with_r, &milters, &err), 0);
}

static void ours_are_put_first_and_leave_without_a_trace(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct example *example = &examples[i];
		char *without, *with, *again, *after;

		print_message("%s\n", example->name);
		edit(&without, &with, example->before, example->main_list, NULL,
		     NULL, ours, true);
		assert_string_equal(without, example->before);
		assert_string_equal(with, example->after);

		print_message("... a second time: nothing to change\n");
		edit(&again, &after, with, example->main_list, without, with,
		     ours, true);
		assert_string_equal(again, without);
		assert_string_equal(after, with);
		mem_free_string(&again);
		mem_free_string(&after);

		print_message("... reverted\n");
		edit(&again, &after, with, example->main_list, without, with,
		     none, false);
		assert_string_equal(after, example->before);
		mem_free_string(&again);
		mem_free_string(&after);
		mem_free_string(&without);
		mem_free_string(&with);
	}
}

static void ours_that_was_there_before_by_hand_goes_too(void **state)
{
	static const char *const check[] = { CHECK, NULL };
	struct postfix_milters milters = { .now = SMTP
					   "  -o smtpd_milters=unix:" DKIM
					   "\n" SUBMISSION,
					   .main_list = "",
					   .old_without = "",
					   .old_with = "",
					   .ours = check,
					   .wanted = check,
					   .put = true };
	char *without, *with, *again, *after;
	struct error err;

	(void)state;
	assert_int_equal(postfix_milters_edit(&without, &with, &milters, &err),
			 0);
	assert_non_null(strstr(with, "smtpd_milters=unix:" DKIM "\n"));
	edit(&again, &after, with, "", without, with, none, false);
	assert_null(strstr(after, DKIM));
	assert_null(strstr(after, CHECK));
	mem_free_string(&without);
	mem_free_string(&with);
	mem_free_string(&again);
	mem_free_string(&after);
}

static void an_edit_in_between_is_kept(void **state)
{
	static const struct {
		const char *name;
		const char *before, *edited, *after;
		const char *main_then, *main_now;
	} cases[] = {
		{ "another setting", SUBMISSION,
		  SUBMISSION OURS " }\n  -o c=d\n" QMGR,
		  SUBMISSION "  -o c=d\n" QMGR, "", "" },
		{ "another milter in our list", SUBMISSION,
		  SUBMISSION OURS ",\n      inet:x:1, inet:z:3 }\n",
		  SUBMISSION "  -o { smtpd_milters = inet:x:1, inet:z:3 }\n",
		  "inet:x:1", "inet:x:1" },
		{ "a milter taken out of our list", SUBMISSION,
		  SUBMISSION OURS " }\n", SUBMISSION "  -o smtpd_milters=\n",
		  "inet:x:1", "inet:x:1" },
		{ "ours in another order", SUBMISSION,
		  SUBMISSION "  -o { smtpd_milters = " OUR_DKIM
			     ", inet:x:1, " OUR_CHECK " }\n",
		  SUBMISSION, "inet:x:1", "inet:x:1" },
		{ "another list in main.cf", SUBMISSION,
		  SUBMISSION OURS ",\n      inet:x:1 }\n", SUBMISSION,
		  "inet:x:1", "inet:y:2" },
		{ "ours taken out by hand", SUBMISSION,
		  SUBMISSION "  -o smtpd_milters=inet:x:1\n",
		  SUBMISSION "  -o smtpd_milters=inet:x:1\n", "", "" },
		{ "its own list written another way",
		  SUBMISSION "  -o smtpd_milters=inet:x:1\n",
		  SUBMISSION "  -o { smtpd_milters = " OUR_CHECK "," OUR_DKIM
			     " inet:x:1 }\n",
		  SUBMISSION "  -o smtpd_milters=inet:x:1\n", "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *without, *with, *again, *after;

		print_message("%s\n", cases[i].name);
		edit(&without, &with, cases[i].before, cases[i].main_then, NULL,
		     NULL, ours, true);
		edit(&again, &after, cases[i].edited, cases[i].main_now,
		     without, with, none, false);
		assert_string_equal(after, cases[i].after);
		mem_free_string(&again);
		mem_free_string(&after);
		mem_free_string(&without);
		mem_free_string(&with);
	}
}

static void a_list_follows_main_cf_when_it_is_put_again(void **state)
{
	char *without, *with, *again, *after;

	(void)state;
	edit(&without, &with, SUBMISSION, "inet:x:1", NULL, NULL, ours, true);
	edit(&again, &after, with, "inet:y:2", without, with, ours, true);
	assert_string_equal(again, SUBMISSION);
	assert_string_equal(after, SUBMISSION OURS ",\n      inet:y:2 }\n");
	mem_free_string(&again);
	mem_free_string(&after);
	mem_free_string(&without);
	mem_free_string(&with);
}

static void one_of_ours_goes_and_the_other_stays(void **state)
{
	char *without, *with, *again, *after;

	(void)state;
	edit(&without, &with, SUBMISSION, "inet:x:1", NULL, NULL, ours, true);
	edit(&again, &after, with, "inet:x:1", without, with, dkim, false);
	assert_string_equal(again, SUBMISSION);
	assert_string_equal(after, SUBMISSION "  -o { smtpd_milters =\n"
					      "      " OUR_DKIM
					      ",\n      inet:x:1 }\n");
	mem_free_string(&again);
	mem_free_string(&after);
	mem_free_string(&without);
	mem_free_string(&with);
}

static void hand_made_ones_are_made_safe_and_leave_too(void **state)
{
	static const char hand_made[] = SUBMISSION
		"  -o smtpd_milters=unix:" CHECK ",unix:" DKIM ",inet:x:1\n";
	char *without, *with;

	(void)state;
	edit(&without, &with, hand_made, "", NULL, NULL, ours, true);
	assert_string_equal(with, SUBMISSION OURS ",\n      inet:x:1 }\n");
	assert_string_equal(without,
			    SUBMISSION "  -o smtpd_milters=inet:x:1\n");
	mem_free_string(&without);
	mem_free_string(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_are_known_however_they_are_written),
		cmocka_unit_test(a_list_that_postfix_would_not_take_is_refused),
		cmocka_unit_test(ours_are_put_first_and_leave_without_a_trace),
		cmocka_unit_test(ours_that_was_there_before_by_hand_goes_too),
		cmocka_unit_test(an_edit_in_between_is_kept),
		cmocka_unit_test(a_list_follows_main_cf_when_it_is_put_again),
		cmocka_unit_test(one_of_ours_goes_and_the_other_stays),
		cmocka_unit_test(hand_made_ones_are_made_safe_and_leave_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
