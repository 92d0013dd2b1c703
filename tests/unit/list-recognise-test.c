#include "tests/unit/test.h"

#include "tests/unit/header-block.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

struct sample {
	const char *name;
	const char *header;
	const char *id, *label, *host, *post, *kind;
};

static const struct sample managers[] = {
	{ "Mailman 2: phrase, id and the address to post to",
	  "List-Id: Discussion of things <things.lists.example.org>\n"
	  "List-Post: <mailto:things@lists.example.org>\n"
	  "Sender: things-bounces@lists.example.org\n"
	  "Precedence: list\n",
	  "things.lists.example.org", "things", "lists.example.org",
	  "things@lists.example.org", "discussion" },
	{ "Mailman 3: bare brackets, capitals fold",
	  "List-Id: <Dev.Example.ORG>\nList-Post: <mailto:dev@example.org>\n",
	  "dev.example.org", "dev", "example.org", "dev@example.org",
	  "discussion" },
	{ "Mailman: a long phrase folds the id onto the next line",
	  "List-Id: \"Use and development of the example system.\"\r\n"
	  "\t<example.example.org>\r\n",
	  "example.example.org", "example", "example.org", "", "discussion" },
	{ "Sympa",
	  "List-Id: <staff.listes.example.net>\n"
	  "List-Post: <mailto:staff@listes.example.net>\n",
	  "staff.listes.example.net", "staff", "listes.example.net",
	  "staff@listes.example.net", "discussion" },
	{ "SmartList on Debian: the id names the host of the lists",
	  "List-Id: <debian-x.lists.example.org>\n"
	  "X-Mailing-List: <debian-x@lists.example.org> archive/latest/1\n"
	  "List-Post: <mailto:debian-x@lists.example.org>\n",
	  "debian-x.lists.example.org", "debian-x", "lists.example.org",
	  "debian-x@lists.example.org", "discussion" },
	{ "ezmlm without List-Id",
	  "Mailing-List: contact users-help@lists.example.org; run by ezmlm\n"
	  "Precedence: bulk\nDelivered-To: mailing list users@example.org\n",
	  "users.lists.example.org", "users", "lists.example.org",
	  "users@lists.example.org", "discussion" },
	{ "ezmlm with List-Id and List-Post",
	  "Mailing-List: contact dev-help@web.example.org; run by ezmlm-idx\n"
	  "List-Id: <dev.web.example.org>\n"
	  "List-Post: <mailto:dev@web.example.org>\n",
	  "dev.web.example.org", "dev", "web.example.org",
	  "dev@web.example.org", "discussion" },
	{ "Google Groups: a web page to post on comes first",
	  "Mailing-list: list rocks@groups.example.com; contact "
	  "rocks+owners@groups.example.com\n"
	  "List-ID: <rocks.groups.example.com>\n"
	  "List-Post: <https://groups.example.com/group/rocks/post>, "
	  "<mailto:rocks@groups.example.com>\n",
	  "rocks.groups.example.com", "rocks", "groups.example.com",
	  "rocks@groups.example.com", "discussion" },
	{ "groups.io: no List-Post, but a Feedback-ID",
	  "Mailing-List: list main@grp.groups.example.net; contact "
	  "main+owner@grp.groups.example.net\n"
	  "List-Id: <main.grp.groups.example.net>\n"
	  "Feedback-ID: 1.us-west-2.x=:AmazonSES\nPrecedence: Bulk\n",
	  "main.grp.groups.example.net", "main", "grp.groups.example.net", "",
	  "discussion" },
	{ "vger: no List-Post",
	  "Precedence: bulk\nList-ID: <linux-x.vger.example.org>\n"
	  "X-Mailing-List: linux-x@vger.example.org\n"
	  "Sender: linux-x-owner@vger.example.org\n",
	  "linux-x.vger.example.org", "linux-x", "vger.example.org", "",
	  "discussion" },
	{ "Majordomo: only a Sender, and bulk",
	  "Sender: owner-bicycles@example.org\nPrecedence: bulk\n",
	  "bicycles.example.org", "bicycles", "example.org",
	  "bicycles@example.org", "discussion" },
	{ "Majordomo: the Sender in brackets",
	  "Precedence: list\nSender: Bicycles <owner-bicycles@Example.org>\n",
	  "bicycles.example.org", "bicycles", "example.org",
	  "bicycles@example.org", "discussion" },
	{ "Mailchimp: a newsletter",
	  "List-ID: 9f3amc list <9f3a.104321.list-id.mcsv.net>\n",
	  "9f3a.104321.list-id.mcsv.net", "9f3a", "104321.list-id.mcsv.net", "",
	  "newsletter" },
	{ "GitHub: the repository is the label",
	  "List-ID: owner/repo <repo.owner.github.com>\n"
	  "List-Post: <mailto:reply+ABC@example.com>\n",
	  "repo.owner.github.com", "repo", "owner.github.com",
	  "reply+ABC@example.com", "notification" },
	{ "GitLab: the project is the label, its number is not",
	  "X-GitLab-Project-Id: 4217\n"
	  "List-Id: group/project <4217.project.group.gitlab.example.com>\n",
	  "4217.project.group.gitlab.example.com", "project",
	  "group.gitlab.example.com", "", "notification" },
	{ "a list with a number for a name is not GitLab",
	  "List-Id: <2600.lists.example.org>\n", "2600.lists.example.org",
	  "2600", "lists.example.org", "", "discussion" },
	{ "an announce list says NO",
	  "List-Id: <announce.example.org>\nList-Post: NO (see our site)\n",
	  "announce.example.org", "announce", "example.org", "",
	  "announcement" },
	{ "List-Post alone, as before RFC 2919",
	  "List-Post: <mailto:old@lists.example.org?subject=x>\n",
	  "old.lists.example.org", "old", "lists.example.org",
	  "old@lists.example.org", "discussion" },
};

static const struct sample shapes[] = {
	{ "a bare id", "List-Id: news.example.org\n", "news.example.org",
	  "news", "example.org", "", "discussion" },
	{ "a bare id with a comment", "List-Id: news.example.org (News)\n",
	  "news.example.org", "news", "example.org", "", "discussion" },
	{ "a quoted phrase holds a bracket",
	  "List-Id: \"a <b.example.net> \\\" c\" <real.example.org>\n",
	  "real.example.org", "real", "example.org", "", "discussion" },
	{ "an unquoted phrase holds a bracket",
	  "List-Id: a <b.example.net> c <real.example.org>\n",
	  "real.example.org", "real", "example.org", "", "discussion" },
	{ "a phrase holds a lone quote",
	  "List-Id: 19\" racks <racks.example.org>\n", "racks.example.org",
	  "racks", "example.org", "", "discussion" },
	{ "a phrase holds a lone parenthesis",
	  "List-Id: sad :( people <sad.example.org>\n", "sad.example.org",
	  "sad", "example.org", "", "discussion" },
	{ "an encoded phrase that decodes to an id is a phrase",
	  "List-Id: =?utf-8?q?=3Cevil=2Eexample=2Enet=3E?= "
	  "<real.example.org>\n",
	  "real.example.org", "real", "example.org", "", "discussion" },
	{ "a comment holds an id",
	  "List-Id: (was <old.example.net>) <new.example.org>\n",
	  "new.example.org", "new", "example.org", "", "discussion" },
	{ "an id with an at sign", "List-Id: <team@lists.example.org>\n",
	  "team.lists.example.org", "team", "lists.example.org", "",
	  "discussion" },
	{ "a trailing dot", "List-Id: <team.example.org.>\n",
	  "team.example.org", "team", "example.org", "", "discussion" },
	{ "an address comes after the id",
	  "List-Id: Team <team.example.org> <https://example.org/team>\n",
	  "team.example.org", "team", "example.org", "", "discussion" },
	{ "one level beside the label", "List-Id: <team.localhost>\n",
	  "team.localhost", "team", "localhost", "", "discussion" },
	{ "characters that only a storage minds",
	  "List-Id: <a/b/c&d%*~.example.org>\n", "a/b/c&d%*~.example.org",
	  "a/b/c&d%*~", "example.org", "", "discussion" },
	{ "INBOX is a name like others", "List-Id: <INBOX.example.org>\n",
	  "inbox.example.org", "inbox", "example.org", "", "discussion" },
	{ "UTF-8 is folded, composed", "List-Id: <E\xcc\x81lan.example.org>\n",
	  "\xc3\xa9lan.example.org", "\xc3\xa9lan", "example.org", "",
	  "discussion" },
	{ "an escaped address to post to",
	  "List-Id: <a+b.example.org>\nList-Post: "
	  "<mailto:a%2Bb@example.org>\n",
	  "a+b.example.org", "a+b", "example.org", "a+b@example.org",
	  "discussion" },
	{ "the second of two ids agrees with List-Post",
	  "List-Id: <all.example.net>\nList-Id: <dev.example.org>\n"
	  "List-Post: <mailto:dev@example.org>\n",
	  "dev.example.org", "dev", "example.org", "dev@example.org",
	  "discussion" },
	{ "the first of two ids agrees with List-Post",
	  "List-Post: <mailto:dev@example.org>\n"
	  "List-Id: <dev.example.org>\nList-Id: <all.example.net>\n",
	  "dev.example.org", "dev", "example.org", "dev@example.org",
	  "discussion" },
	{ "an id agrees by its domain",
	  "List-Id: <all.example.net>\nList-Id: <dev.web.example.org>\n"
	  "List-Post: <mailto:dev@example.org>\n",
	  "dev.web.example.org", "dev", "web.example.org", "dev@example.org",
	  "discussion" },
	{ "the first of two ids where nothing tells",
	  "List-Id: <one.example.net>\nList-Id: <two.example.org>\n",
	  "one.example.net", "one", "example.net", "", "discussion" },
	{ "the second of two addresses to post to agrees",
	  "List-Id: <dev.example.org>\nList-Post: "
	  "<mailto:all@example.net>, <mailto:dev@example.org>\n",
	  "dev.example.org", "dev", "example.org", "dev@example.org",
	  "discussion" },
};

static const struct {
	const char *name;
	const char *header;
} others[] = {
	{ "a message between two people",
	  "From: a@example.org\nTo: b@example.net\nSubject: list\n" },
	{ "an assistant sends for another",
	  "From: a@example.org\nSender: b@example.org\n" },
	{ "an owner of something sends",
	  "Sender: owner-relations@example.com\nFrom: a@example.com\n" },
	{ "bulk without a list", "Precedence: bulk\nFrom: shop@example.com\n" },
	{ "an out-of-office answer",
	  "Precedence: junk\nAuto-Submitted: auto-replied\n" },
	{ "a bug tracker's loop mark",
	  "X-Loop: owner@bugs.example.org\nPrecedence: bulk\n"
	  "Sender: debbugs <debbugs@bugs.example.org>\n" },
	{ "a shop with Feedback-ID and List-Unsubscribe",
	  "Feedback-ID: 1:2:3:shop\nList-Unsubscribe: "
	  "<mailto:u@example.com>\nList-Unsubscribe-Post: "
	  "List-Unsubscribe=One-Click\n" },
	{ "a reply quotes the fields in its body",
	  "From: a@example.org\n\nList-Id: <dev.example.org>\n" },
	{ "an empty List-Id", "List-Id:\n" },
	{ "empty brackets", "List-Id: Name <>\n" },
	{ "a phrase alone", "List-Id: My nice list\n" },
	{ "an encoded phrase alone", "List-Id: =?utf-8?q?a.example.org?=\n" },
	{ "a bare word", "List-Id: 7211234\n" },
	{ "brackets without a dot", "List-Id: <mylist>\n" },
	{ "no label", "List-Id: <.example.org>\n" },
	{ "a way out of the folder", "List-Id: <../../x.example.org>\n" },
	{ "two dots", "List-Id: <a..example.org>\n" },
	{ "white space in the id", "List-Id: <a b.example.org>\n" },
	{ "a control character in the id", "List-Id: <a\x01.example.org>\n" },
	{ "an escape sequence in the id", "List-Id: <a\x1b[2J.example.org>\n" },
	{ "a bidirectional control in the id",
	  "List-Id: <a\xe2\x80\xae.example.org>\n" },
	{ "a zero-width character in the id",
	  "List-Id: <a\xe2\x80\x8b.example.org>\n" },
	{ "octets that are not UTF-8", "List-Id: <a\xff.example.org>\n" },
	{ "a character that is a semicolon in NFC", "List-Id: <a\xcd\xbe"
						    "b.example.org>\n" },
	{ "two at signs", "List-Id: <a@b@example.org>\n" },
	{ "brackets that do not close", "List-Id: Name <a.example.org\n" },
	{ "many brackets that do not close", "List-Id: <<<<<<<<<<<<<<<<<\n" },
	{ "a List-Post without an address",
	  "List-Post: <https://example.org/post>\n" },
	{ "a List-Post with a broken escape",
	  "List-Post: <mailto:a%2@example.org>\n" },
	{ "a List-Post with an escaped NUL",
	  "List-Post: <mailto:a%00b@example.org>\n" },
	{ "NO without a list", "List-Post: NO\n" },
	{ "Mailing-List of an unknown shape",
	  "Mailing-List: write to users@example.org\n" },
	{ "ezmlm's contact is not its help address",
	  "Mailing-List: contact users@example.org; run by ezmlm\n" },
	{ "ezmlm's contact is nothing but help",
	  "Mailing-List: contact -help@example.org; run by ezmlm\n" },
};

static bool recognise(const char *header, size_t len, struct list *list_r)
{
	struct list_recogniser recogniser;

	header_block_recognise(&recogniser, header, len);
	return list_recognise(&recogniser, list_r);
}

static void assert_samples(const struct sample *samples, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct sample *sample = &samples[i];
		struct list list;

		print_message("%s\n", sample->name);
		assert_true(recognise(sample->header, strlen(sample->header),
				      &list));
		assert_string_equal(list.id, sample->id);
		assert_string_equal(list.label, sample->label);
		assert_string_equal(list.host, sample->host);
		assert_string_equal(list.post, sample->post);
		assert_string_equal(list_kind_name(list.kind), sample->kind);
	}
}

static void every_list_manager_is_recognised(void **state)
{
	(void)state;
	assert_samples(managers, ARRAY_SIZE(managers));
}

static void every_shape_of_list_id_is_read(void **state)
{
	(void)state;
	assert_samples(shapes, ARRAY_SIZE(shapes));
}

static void other_mail_is_from_no_list(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		struct list list;

		print_message("%s\n", others[i].name);
		assert_false(recognise(others[i].header,
				       strlen(others[i].header), &list));
	}
}

static void long_values_are_bounded(void **state)
{
	static const char start[] = "List-Id: <", end[] = ".example.org>\n";
	static const struct {
		const char *name;
		size_t len;
		bool list;
	} cases[] = {
		{ "an id of 255 octets", LIST_ID_MAX - 12, true },
		{ "an id of 256 octets", LIST_ID_MAX - 11, false },
		{ "an id of a thousand octets", 1000, false },
		{ "a field over the bound", LIST_VALUE_MAX, false },
	};
	char header[LIST_VALUE_MAX + 64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(start);
		struct list list;

		print_message("%s\n", cases[i].name);
		memcpy(header, start, len);
		memset(header + len, 'x', cases[i].len);
		len += cases[i].len;
		memcpy(header + len, end, strlen(end));
		len += strlen(end);
		assert_int_equal(recognise(header, len, &list), cases[i].list);
	}
}

static void a_hundred_fields_are_bounded(void **state)
{
	struct list_recogniser recogniser;
	struct list list;
	size_t i;

	(void)state;
	list_recognise_init(&recogniser);
	for (i = 0; i < 100; i++) {
		char value[64];

		(void)snprintf(value, sizeof(value),
			       "<l%zu.example.org> <mailto:p%zu@example.net>",
			       i, i);
		list_recognise_field(&recogniser, "List-Id", value,
				     strlen(value));
		list_recognise_field(&recogniser, "List-Post", value,
				     strlen(value));
	}
	assert_true(list_recognise(&recogniser, &list));
	assert_string_equal(list.id, "l0.example.org");
	assert_string_equal(list.post, "p0@example.net");
}

static char *read_file(const char *path, size_t *len_r)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	*len_r = fread(text, 1, sizeof(text), file);
	assert_int_equal(fclose(file), 0);
	return text;
}

/* One list's traffic, some of it sent past the list. */
static void real_messages_come_out_right(void **state)
{
	DIR *folder = opendir(CORPUS "/lists");
	const struct dirent *entry;

	(void)state;
	if (folder == NULL)
		skip();
	while ((entry = readdir(folder)) != NULL) {
		char path[1024];
		struct list list;
		size_t len;
		const char *text;
		bool has_id;

		if (strstr(entry->d_name, ".eml") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/lists/%s", CORPUS,
			       entry->d_name);
		text = read_file(path, &len);
		has_id = memmem(text, len, "\nList-Id:", 9) != NULL;
		assert_int_equal(recognise(text, len, &list), has_id);
		if (has_id) {
			assert_string_equal(list.id, "notmuch.notmuchmail.org");
			assert_string_equal(list.label, "notmuch");
			assert_true(strncmp(list.post, "notmuch@", 8) == 0);
		}
	}
	assert_int_equal(closedir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_list_manager_is_recognised),
		cmocka_unit_test(every_shape_of_list_id_is_read),
		cmocka_unit_test(other_mail_is_from_no_list),
		cmocka_unit_test(long_values_are_bounded),
		cmocka_unit_test(a_hundred_fields_are_bounded),
		cmocka_unit_test(real_messages_come_out_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
