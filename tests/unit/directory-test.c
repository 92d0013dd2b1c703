#include "tests/unit/test.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"

#include "admin/files.h"
#include "admin/master.h"
#include "admin/publish.h"
#include "common/address.h"
#include "common/directory-pool.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/public-key.h"
#include "common/sqlite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define NOW 1800000000

static char *folder;
static char *snapshot;
static struct directory *dir;

static const struct fingerprint key_of_anna = { "anna" };
static const struct fingerprint old_key_of_anna = { "anna, old" };
static const struct fingerprint key_of_carl = { "carl" };
static const struct fingerprint nobodys_key = { "nobody" };

static void add_accounts(struct master *master)
{
	struct error err;

	must(master_account_add(master, "anna", &err), &err);
	must(master_account_add(master, "bert", &err), &err);
	must(master_account_add(master, "carl", &err), &err);
	must(master_account_add(master, "dora@example.net", &err), &err);
	must(master_account_enable(master, "carl", false, &err), &err);
}

static void add_addresses(struct master *master)
{
	struct error err;

	must(master_domain_add(master, "example.org", "+-", false, NULL, &err),
	     &err);
	must(master_domain_add(master, "example.net", "", false, "example.org",
			       &err),
	     &err);
	must(master_domain_add(master,
			       "b\xc3\xbc"
			       "cher.example",
			       "", true, NULL, &err),
	     &err);
	must(master_address_add(master, "Anna@example.org", "anna", &err),
	     &err);
	must(master_address_add(master,
				"Anna@b\xc3\xbc"
				"cher.example",
				"anna", &err),
	     &err);
	must(master_address_add(master, "bert@example.org", "bert", &err),
	     &err);
	must(master_address_add(master, "@example.org", "bert", &err), &err);
	must(master_address_add(master, "carl@example.org", "carl", &err),
	     &err);
}

static void grant(struct master *master, const char *holder,
		  const char *address, time_t until, bool on_behalf)
{
	const struct master_grant row = { holder, address, until, on_behalf };
	struct error err;

	must(master_grant_add(master, &row, &err), &err);
}

static void add_grants(struct master *master)
{
	struct error err;

	must(master_group_add(master, "staff", &err), &err);
	must(master_group_add_member(master, "staff", "anna", &err), &err);
	must(master_group_add_member(master, "staff", "carl", &err), &err);
	grant(master, "%staff", "info@example.org", 0, false);
	grant(master, "anna", "bert@example.org", NOW + 1, true);
	grant(master, "anna", "old@example.org", NOW, false);
	grant(master, "anna", "@example.com", 0, true);
	grant(master, "anna", "boss@example.com", 0, false);
	grant(master, "carl", "anna@example.org", 0, false);
	grant(master, "dora@example.net",
	      "@b\xc3\xbc"
	      "cher.example",
	      0, false);
}

static void add_keys(struct master *master)
{
	const struct master_key keys[] = {
		{ .fingerprint = key_of_anna,
		  .account = "anna",
		  .name = "laptop",
		  .type = "P-256",
		  .login = "anna+laptop@example.org",
		  .no_preauth = true,
		  .until = NOW + 1 },
		{ .fingerprint = old_key_of_anna,
		  .account = "anna",
		  .name = "old",
		  .type = "P-256",
		  .until = NOW },
		{ .fingerprint = key_of_carl,
		  .account = "carl",
		  .name = "phone",
		  .type = "P-256",
		  .no_bare_submission = true },
	};
	struct error err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		must(master_key_add(master, &keys[i], &err), &err);
}

/* A name that a file: URI would take for its end, were it not escaped. */
static void fill(struct master *master)
{
	add_accounts(master);
	add_addresses(master);
	add_grants(master);
	add_keys(master);
}

static int set_up(void **state)
{
	(void)state;
	folder = folder_make("a?b#c%20d e");
	snapshot = mem_printf("%s/published/directory.db", folder);
	dir = published_open(folder, fill);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	directory_close(&dir);
	mem_free_string(&snapshot);
	folder_remove(&folder);
	return 0;
}

static void a_login_is_an_account_name_or_an_address(void **state)
{
	static const struct {
		const char *name;
		const char *login;
		enum directory_result result;
		const char *account;
		bool enabled;
	} cases[] = {
		{ "an account's name", "anna", DIRECTORY_YES, "anna", true },
		{ "in capitals", "ANNA", DIRECTORY_YES, "anna", true },
		{ "an address", "anna@example.org", DIRECTORY_YES, "anna",
		  true },
		{ "an address in capitals", "ANNA@EXAMPLE.ORG", DIRECTORY_YES,
		  "anna", true },
		{ "with a delimiter", "anna+x@example.org", DIRECTORY_YES,
		  "anna", true },
		{ "with the other delimiter", "anna-x@example.org",
		  DIRECTORY_YES, "anna", true },
		{ "in the alias domain", "anna@example.net", DIRECTORY_YES,
		  "anna", true },
		{ "through the catch-all", "whoever@example.org", DIRECTORY_YES,
		  "bert", true },
		{ "through the catch-all in the alias domain",
		  "whoever@example.net", DIRECTORY_YES, "bert", true },
		{ "a name before the catch-all", "dora@example.net",
		  DIRECTORY_YES, "dora@example.net", true },
		{ "an IDN in U-labels",
		  "Anna@b\xc3\xbc"
		  "cher.example",
		  DIRECTORY_YES, "anna", true },
		{ "an IDN in A-labels", "Anna@xn--bcher-kva.example",
		  DIRECTORY_YES, "anna", true },
		{ "another case where case counts",
		  "anna@xn--bcher-kva.example", DIRECTORY_NO, NULL, false },
		{ "a disabled account", "carl", DIRECTORY_YES, "carl", false },
		{ "a disabled account's address", "carl@example.org",
		  DIRECTORY_YES, "carl", false },
		{ "nobody", "zoe", DIRECTORY_NO, NULL, false },
		{ "a foreign domain", "anna@example.edu", DIRECTORY_NO, NULL,
		  false },
		{ "a group", "staff", DIRECTORY_NO, NULL, false },
		{ "a group as it is written", "%staff", DIRECTORY_NO, NULL,
		  false },
		{ "nothing", "", DIRECTORY_NO, NULL, false },
		{ "a catch-all itself", "@example.org", DIRECTORY_NO, NULL,
		  false },
		{ "what SQL would read", "' OR 1=1 --", DIRECTORY_NO, NULL,
		  false },
		{ "what LIKE would read", "ann_", DIRECTORY_NO, NULL, false },
		{ "not UTF-8", "ann\xff", DIRECTORY_NO, NULL, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct directory_account account;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(
			directory_login(dir, cases[i].login, &account, &err),
			cases[i].result);
		if (cases[i].account == NULL)
			assert_null(account.name);
		else
			assert_string_equal(account.name, cases[i].account);
		assert_int_equal(account.enabled, cases[i].enabled);
		directory_account_release(&account);
	}
}

static void an_endless_login_is_nobodys(void **state)
{
	struct directory_account account;
	struct error err;
	char *login = mem_alloc(100001);

	(void)state;
	memset(login, 'a', 100000);
	assert_int_equal(directory_login(dir, login, &account, &err),
			 DIRECTORY_NO);
	mem_free_string(&login);
}

struct sending {
	const char *name;
	const char *account;
	const char *address;
	enum directory_result owns;
	enum directory_permission permission;
};

static const struct sending sendings[] = {
	{ "its own address", "anna", "anna@example.org", DIRECTORY_YES,
	  DIRECTORY_PERMISSION_OWN },
	{ "its own, with a delimiter", "anna", "Anna+x@Example.ORG",
	  DIRECTORY_YES, DIRECTORY_PERMISSION_OWN },
	{ "its own, in the alias domain", "anna", "anna@example.net",
	  DIRECTORY_YES, DIRECTORY_PERMISSION_OWN },
	{ "its own, where case counts", "anna", "Anna@xn--bcher-kva.example",
	  DIRECTORY_YES, DIRECTORY_PERMISSION_OWN },
	{ "in another case, where case counts", "anna",
	  "anna@xn--bcher-kva.example", DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "a colleague's", "bert", "anna@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_NO },
	{ "a colleague's, quoted", "bert", "\"anna\"@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_NO },
	{ "a colleague's with a delimiter, as owner of the catch-all", "bert",
	  "anna+x@example.org", DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "the rest of the domain, as owner of the catch-all", "bert",
	  "whoever@example.org", DIRECTORY_YES, DIRECTORY_PERMISSION_OWN },
	{ "the rest of the domain, as another", "anna", "whoever@example.org",
	  DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "granted to a group", "anna", "info@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_GRANTED },
	{ "granted to a group, in the alias domain", "anna", "info@example.net",
	  DIRECTORY_NO, DIRECTORY_PERMISSION_GRANTED },
	{ "granted to a group, by one who is not in it", "dora@example.net",
	  "info@example.org", DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "granted on behalf, until a second from now", "anna",
	  "bert@example.org", DIRECTORY_NO, DIRECTORY_PERMISSION_ON_BEHALF },
	{ "granted until now", "anna", "old@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_NO },
	{ "a foreign domain, granted on behalf", "anna", "x@example.com",
	  DIRECTORY_NO, DIRECTORY_PERMISSION_ON_BEHALF },
	{ "granted on behalf and plainly: the more counts", "anna",
	  "Boss@Example.COM", DIRECTORY_NO, DIRECTORY_PERMISSION_GRANTED },
	{ "a subdomain of what was granted", "anna", "x@a.example.com",
	  DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "a whole domain, colleagues too", "dora@example.net",
	  "Anna@xn--bcher-kva.example", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_GRANTED },
	{ "the account's name, which is not its address", "dora@example.net",
	  "dora@example.net", DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "its own, but disabled", "carl", "carl@example.org", DIRECTORY_YES,
	  DIRECTORY_PERMISSION_NO },
	{ "granted, but disabled", "carl", "anna@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_NO },
	{ "granted to its group, but disabled", "carl", "info@example.org",
	  DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
	{ "an account that is none", "zoe", "anna@example.org", DIRECTORY_NO,
	  DIRECTORY_PERMISSION_NO },
	{ "a group that takes itself for an account", "%staff",
	  "info@example.org", DIRECTORY_NO, DIRECTORY_PERMISSION_NO },
};

static void who_owns_and_may_send_as_what(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sendings); i++) {
		const struct sending *sending = &sendings[i];
		struct address address;
		struct error err;

		print_message("%s\n", sending->name);
		must(address_parse(&address, sending->address, &err), &err);
		assert_int_equal(
			directory_owns(dir, sending->account, &address, &err),
			sending->owns);
		assert_int_equal(directory_may_send_as(dir, sending->account,
						       &address, NOW, &err),
				 sending->permission);
		address_release(&address);
	}
}

static void a_key_says_whose_it_is(void **state)
{
	struct directory_key key;
	struct error err;

	(void)state;
	assert_int_equal(directory_key(dir, &key_of_anna, NOW, &key, &err),
			 DIRECTORY_YES);
	assert_string_equal(key.account, "anna");
	assert_string_equal(key.name, "laptop");
	assert_string_equal(key.login, "anna+laptop@example.org");
	assert_true(key.account_enabled);
	assert_true(key.no_preauth);
	assert_false(key.no_bare_submission);
	assert_int_equal(key.until, NOW + 1);
	directory_key_release(&key);
}

static void a_disabled_accounts_key_says_so(void **state)
{
	struct directory_key key;
	struct error err;

	(void)state;
	assert_int_equal(directory_key(dir, &key_of_carl, NOW, &key, &err),
			 DIRECTORY_YES);
	assert_string_equal(key.account, "carl");
	assert_null(key.login);
	assert_false(key.account_enabled);
	assert_false(key.no_preauth);
	assert_true(key.no_bare_submission);
	assert_int_equal(key.until, 0);
	directory_key_release(&key);
}

static void a_key_that_is_unknown_or_over_is_no_key(void **state)
{
	struct directory_key key;
	struct error err;

	(void)state;
	assert_int_equal(directory_key(dir, &nobodys_key, NOW, &key, &err),
			 DIRECTORY_NO);
	assert_null(key.account);
	assert_int_equal(directory_key(dir, &old_key_of_anna, NOW, &key, &err),
			 DIRECTORY_NO);
	assert_null(key.account);
	assert_string_equal(err.text, "the end date of key \"old\" of account "
				      "anna has come");
}

static enum directory_result
ask_for_anna(struct directory *handle, struct error *err)
{
	struct directory_account account;
	enum directory_result result =
		directory_login(handle, "anna", &account, err);

	directory_account_release(&account);
	return result;
}

static bool anna_is_enabled(struct directory *handle)
{
	struct directory_account account;
	struct error err;
	bool enabled;

	assert_int_equal(directory_login(handle, "anna", &account, &err),
			 DIRECTORY_YES);
	enabled = account.enabled;
	directory_account_release(&account);
	return enabled;
}

static void enable_anna(bool enabled)
{
	struct master *master;
	struct error err;

	must(master_open(&master, folder, &err), &err);
	must(master_begin(master, &err), &err);
	must(master_account_enable(master, "anna", enabled, &err), &err);
	must(master_commit(master, true, &err), &err);
	must(publish(master, &err), &err);
	master_close(&master);
}

static void what_is_published_next_is_read_next(void **state)
{
	(void)state;
	assert_true(anna_is_enabled(dir));
	enable_anna(false);
	assert_false(anna_is_enabled(dir));
}

static void while_it_is_held_it_answers_from_one_state(void **state)
{
	(void)state;
	directory_hold(dir);
	enable_anna(false);
	assert_false(anna_is_enabled(dir));
	enable_anna(true);
	assert_false(anna_is_enabled(dir));
	directory_let_go(dir);
	assert_true(anna_is_enabled(dir));
	enable_anna(false);
	assert_false(anna_is_enabled(dir));
}

static void a_pool_lends_what_is_published_by_then(void **state)
{
	char *uri = mem_printf("sqlite:%s", folder);
	struct directory_pool *pool;
	struct directory *handle;
	struct error err;
	int i;

	(void)state;
	must(directory_pool_new(&pool, uri, &err), &err);
	for (i = 0; i < 4; i++) {
		bool enabled = i % 2 == 0;

		enable_anna(enabled);
		handle = directory_pool_take(pool, NULL, &err);
		assert_int_equal(anna_is_enabled(handle), enabled);
		directory_pool_give(pool, &handle);
	}
	directory_pool_free(&pool);
	mem_free_string(&uri);
}

static void a_pool_lends_the_handle_that_is_preferred(void **state)
{
	char *uri = mem_printf("sqlite:%s", folder);
	const struct directory *preferred;
	struct directory *first, *second;
	struct directory_pool *pool;
	struct error err;

	(void)state;
	must(directory_pool_new(&pool, uri, &err), &err);
	first = directory_pool_take(pool, NULL, &err);
	second = directory_pool_take(pool, first, &err);
	assert_ptr_not_equal(first, second);
	preferred = first;
	directory_pool_give(pool, &first);
	directory_pool_give(pool, &second);
	first = directory_pool_take(pool, preferred, &err);
	assert_ptr_equal(first, preferred);
	directory_pool_give(pool, &first);
	directory_pool_free(&pool);
	mem_free_string(&uri);
}

static void an_outage_while_it_is_held_is_over_when_it_is(void **state)
{
	char *away = mem_printf("%s.away", snapshot);
	struct error err;

	(void)state;
	directory_hold(dir);
	assert_int_equal(rename(snapshot, away), 0);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_FAILED);
	assert_int_equal(rename(away, snapshot), 0);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_YES);
	directory_let_go(dir);
	mem_free_string(&away);
}

static void a_missing_file_is_an_outage_until_it_is_back(void **state)
{
	char *away = mem_printf("%s.away", snapshot);
	struct error err;

	(void)state;
	assert_int_equal(rename(snapshot, away), 0);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_FAILED);
	assert_non_null(strstr(err.text, "published/directory.db: No such "
					 "file or directory; run"));
	assert_int_equal(err.sysexit, EX_UNAVAILABLE);
	assert_int_equal(rename(away, snapshot), 0);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_YES);
	mem_free_string(&away);
}

static void replace_with(const char *data, size_t len)
{
	char *beside = mem_printf("%s.beside", snapshot);
	struct error err;

	must(files_write(beside, data, len, &err), &err);
	assert_int_equal(rename(beside, snapshot), 0);
	mem_free_string(&beside);
}

static void assert_every_question_fails(void)
{
	struct address address;
	struct directory_key key;
	struct error err;

	must(address_parse(&address, "anna@example.org", &err), &err);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_FAILED);
	assert_int_equal(directory_key(dir, &key_of_anna, NOW, &key, &err),
			 DIRECTORY_FAILED);
	assert_int_equal(directory_owns(dir, "anna", &address, &err),
			 DIRECTORY_FAILED);
	assert_int_equal(
		directory_may_send_as(dir, "anna", &address, NOW, &err),
		DIRECTORY_PERMISSION_FAILED);
	address_release(&address);
}

static void a_file_that_is_no_database_is_an_outage(void **state)
{
	char noise[8192];

	(void)state;
	replace_with("", 0);
	assert_every_question_fails();
	memset(noise, 'x', sizeof(noise));
	replace_with(noise, sizeof(noise));
	assert_every_question_fails();
}

/* Every length of a copy that was cut off: never an answer but the true. */
static void a_cut_file_never_says_no(void **state)
{
	char data[65536];
	int fd = open(snapshot, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, data, sizeof(data)), cut;

	(void)state;
	assert_true(len > 0 && len < (ssize_t)sizeof(data));
	assert_int_equal(close(fd), 0);
	for (cut = 0; cut < len; cut += 512) {
		struct error err;

		replace_with(data, (size_t)cut);
		assert_int_not_equal(ask_for_anna(dir, &err), DIRECTORY_NO);
	}
	replace_with(data, (size_t)len);
}

static void another_version_is_an_outage_with_what_to_do(void **state)
{
	struct sqlite *db;
	struct error err;

	(void)state;
	must(sqlite_open(&db, snapshot, SQLITE_MODE_WRITE, &err), &err);
	must(sqlite_exec(db, "PRAGMA user_version = 2;", &err), &err);
	sqlite_close(&db);
	assert_int_equal(ask_for_anna(dir, &err), DIRECTORY_FAILED);
	assert_non_null(strstr(err.text, "version 2 of the directory's form"));
	assert_non_null(strstr(err.text, "upgrade all of Countersign"));
}

static void a_uri_is_looked_at_when_it_is_opened(void **state)
{
	static const char *const wrong[] = { "",	   "sqlite",
					     "sqlite:",	   "sqlite:here",
					     "/var/lib/x", "SQLITE:/x",
					     "sqlitex:/x" };
	struct directory *other;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		print_message("\"%s\"\n", wrong[i]);
		assert_int_equal(directory_open(&other, wrong[i], &err), -1);
		assert_null(other);
		assert_int_equal(err.sysexit, EX_CONFIG);
	}
}

static void a_pool_lends_as_many_as_are_asked_for(void **state)
{
	struct directory *handles[32];
	struct directory_pool *pool;
	struct error err;
	size_t i, j;

	(void)state;
	must(directory_pool_new(&pool, "sqlite:/nonexistent", &err), &err);
	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		handles[i] = directory_pool_take(pool, NULL, &err);
		assert_non_null(handles[i]);
		for (j = 0; j < i; j++)
			assert_ptr_not_equal(handles[i], handles[j]);
		assert_int_equal(ask_for_anna(handles[i], &err),
				 DIRECTORY_FAILED);
	}
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		directory_pool_give(pool, &handles[i]);
	directory_pool_free(&pool);
	assert_int_equal(directory_pool_new(&pool, "nonsense", &err), -1);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_is_an_account_name_or_an_address),
		TEST(an_endless_login_is_nobodys),
		TEST(who_owns_and_may_send_as_what),
		TEST(a_key_says_whose_it_is),
		TEST(a_disabled_accounts_key_says_so),
		TEST(a_key_that_is_unknown_or_over_is_no_key),
		TEST(what_is_published_next_is_read_next),
		TEST(while_it_is_held_it_answers_from_one_state),
		TEST(an_outage_while_it_is_held_is_over_when_it_is),
		TEST(a_pool_lends_what_is_published_by_then),
		TEST(a_pool_lends_the_handle_that_is_preferred),
		TEST(a_missing_file_is_an_outage_until_it_is_back),
		TEST(a_file_that_is_no_database_is_an_outage),
		TEST(a_cut_file_never_says_no),
		TEST(another_version_is_an_outage_with_what_to_do),
		cmocka_unit_test(a_uri_is_looked_at_when_it_is_opened),
		cmocka_unit_test(a_pool_lends_as_many_as_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
