#include "tests/unit/test.h"

#include "common/error.h"
#include "common/mem.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "dovecot-sieve-ext/list-recognise.h"

#include <stdio.h>
#include <string.h>

static struct list list_of(const char *label, const char *host)
{
	struct list list = { .kind = LIST_KIND_DISCUSSION };

	(void)snprintf(list.id, sizeof(list.id), "%s.%s", label, host);
	(void)snprintf(list.label, sizeof(list.label), "%s", label);
	(void)snprintf(list.host, sizeof(list.host), "%s", host);
	return list;
}

static void a_name_is_safe_in_every_layout(void **state)
{
	static const struct {
		const char *name;
		const char *label, *host;
		const char *mailbox;
	} cases[] = {
		{ "a plain list", "dev", "lists.example.org",
		  "dev@lists_example_org" },
		{ "an underscore in the label", "dev_all", "example.org",
		  "dev_all@example_org" },
		{ "an ampersand stays; the storage encodes it", "r&d",
		  "example.org", "r&d@example_org" },
		{ "UTF-8 stays", "\xc3\xa9lan", "example.org",
		  "\xc3\xa9lan@example_org" },
		{ "INBOX is no reserved name any more", "inbox", "example.org",
		  "inbox@example_org" },
		{ "nor is a folder of the storage", "dbox-mails", "example.org",
		  "dbox-mails@example_org" },
		{ "slashes make no levels", "a/b/c/d", "example.org",
		  "a_b_c_d@example_org-2802e6c0bd13b324" },
		{ "dots in the label make no levels", "a.b", "example.org",
		  "a_b@example_org-1eeea5b4cc609a98" },
		{ "wildcards and a home", "~%*", "example.org",
		  "___@example_org-4f67404683ffe7a2" },
		{ "an underscore in the host is not a dot", "dev", "a_b.org",
		  "dev@a_b_org-058ebc8ec28626fc" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct list list = list_of(cases[i].label, cases[i].host);
		char *name = list_mailbox_name(&list);

		print_message("%s\n", cases[i].name);
		assert_string_equal(name, cases[i].mailbox);
		mem_free_string(&name);
	}
}

static void two_lists_have_two_mailboxes(void **state)
{
	static const struct {
		const char *name;
		const char *label_a, *host_a, *label_b, *host_b;
	} cases[] = {
		{ "one label on two hosts", "dev", "a.example.org", "dev",
		  "b.example.org" },
		{ "a dot and an underscore in the host", "dev", "a.example.org",
		  "dev", "a_example.org" },
		{ "a slash and an underscore in the label", "a/b",
		  "example.org", "a_b", "example.org" },
		{ "a slash and a percent sign in the label", "a/b",
		  "example.org", "a%b", "example.org" },
		{ "long labels that differ at the end",
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1",
		  "example.org",
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2",
		  "example.org" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct list a = list_of(cases[i].label_a, cases[i].host_a);
		struct list b = list_of(cases[i].label_b, cases[i].host_b);
		char *name_a = list_mailbox_name(&a);
		char *name_b = list_mailbox_name(&b);

		print_message("%s\n", cases[i].name);
		assert_string_not_equal(name_a, name_b);
		mem_free_string(&name_a);
		mem_free_string(&name_b);
	}
}

/* Every length, so that the cut falls on each octet of a character. */
static void a_long_name_is_cut_between_characters(void **state)
{
	size_t len;

	(void)state;
	for (len = 1; len < LIST_ID_MAX - 12; len++) {
		char label[LIST_ID_MAX + 1] = "";
		struct list list;
		char *name;
		size_t i = 0;

		memset(label, 'x', len % 3);
		for (i = len % 3; i + 3 <= len; i += 3)
			memcpy(label + i, "\xe2\x82\xac", 3);
		if (i == 0)
			continue;
		list = list_of(label, "example.org");
		name = list_mailbox_name(&list);
		assert_in_range(strlen(name), 1, LIST_MAILBOX_NAME_MAX);
		for (i = len % 3; name[i] == '\xe2'; i += 3)
			assert_memory_equal(name + i, "\xe2\x82\xac", 3);
		assert_true(name[i] == '@' || name[i] == '-');
		mem_free_string(&name);
	}
}

static void a_prefix_is_checked(void **state)
{
	static const struct {
		const char *name;
		const char *prefix;
		const char *reason; /* NULL if it is good */
	} cases[] = {
		{ "one level", "Lists", NULL },
		{ "two levels", "Mail/Lists", NULL },
		{ "a space", "Mailing lists", NULL },
		{ "UTF-8",
		  "\xc3\x89"
		  "changes",
		  NULL },
		{ "nothing", "", "the name is empty" },
		{ "a leading slash", "/Lists", "has an empty level" },
		{ "a trailing slash", "Lists/", "has an empty level" },
		{ "two slashes", "a//b", "has an empty level" },
		{ "the level above", "a/../b", "begins with '.'" },
		{ "a home", "~root", "begins with '~'" },
		{ "a wildcard", "Li%", "holds '%' or '*'" },
		{ "a control character", "a\nb", "a control character" },
		{ "a bidirectional control", "a\xe2\x80\xae",
		  "a bidirectional control" },
		{ "not UTF-8", "a\xff", "is not UTF-8" },
		{ "65 octets",
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		  "has 65 octets, at most 64 may be" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = { .text = "" };
		int result = list_mailbox_prefix_check(cases[i].prefix, &err);

		print_message("%s\n", cases[i].name);
		assert_int_equal(result, cases[i].reason == NULL ? 0 : -1);
		if (cases[i].reason != NULL)
			assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void a_path_fits_the_namespace(void **state)
{
	static const struct {
		const char *name;
		const char *ns;
		char separator;
		const char *prefix;
		const char *path; /* NULL if it can't be */
	} cases[] = {
		{ "no namespace prefix", "", '/', "Lists", "Lists/x@y" },
		{ "Maildir++ with dots", "", '.', "Lists", "Lists.x@y" },
		{ "an INBOX prefix", "INBOX.", '.', "Lists",
		  "INBOX.Lists.x@y" },
		{ "two levels", "INBOX/", '/', "Mail/Lists",
		  "INBOX/Mail/Lists/x@y" },
		{ "two levels with dots", "", '.', "Mail/Lists",
		  "Mail.Lists.x@y" },
		{ "the namespace's prefix is there already", "INBOX.", '.',
		  "INBOX/Lists", "INBOX.Lists.x@y" },
		{ "a separator that a name may hold", "", '_', "Lists", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *path = list_mailbox_path(cases[i].ns, cases[i].separator,
					       cases[i].prefix, "x@y");

		print_message("%s\n", cases[i].name);
		if (cases[i].path == NULL)
			assert_null(path);
		else
			assert_string_equal(path, cases[i].path);
		mem_free_string(&path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_safe_in_every_layout),
		cmocka_unit_test(two_lists_have_two_mailboxes),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
		cmocka_unit_test(a_prefix_is_checked),
		cmocka_unit_test(a_path_fits_the_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
