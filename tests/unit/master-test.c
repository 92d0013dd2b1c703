#include "tests/unit/test.h"

#include "tests/unit/folder.h"

#include "admin/master.h"
#include "common/error.h"
#include "common/public-key.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static char *folder;
static struct master *master;

static const struct fingerprint known_key = { "known" };
static const struct fingerprint new_key = { "new" };

/* One change in terms of two words. */
typedef int change(const char *a, const char *b, struct error *err);

static int account_add(const char *a, const char *b, struct error *err)
{
	(void)b;
	return master_account_add(master, a, err);
}

static int account_disable(const char *a, const char *b, struct error *err)
{
	(void)b;
	return master_account_enable(master, a, false, err);
}

static int account_remove(const char *a, const char *b, struct error *err)
{
	struct master_removed removed;

	(void)b;
	return master_account_remove(master, a, &removed, err);
}

static int account_password(const char *a, const char *b, struct error *err)
{
	return master_account_set_password(master, a, b, err);
}

static int domain_add(const char *a, const char *b, struct error *err)
{
	return master_domain_add(master, a, b, false, NULL, err);
}

static int domain_add_alias(const char *a, const char *b, struct error *err)
{
	return master_domain_add(master, a, "", false, b, err);
}

static int
domain_add_ruled_alias(const char *a, const char *b, struct error *err)
{
	return master_domain_add(master, a, "+", false, b, err);
}

static int domain_remove(const char *a, const char *b, struct error *err)
{
	(void)b;
	return master_domain_remove(master, a, err);
}

static int address_add(const char *a, const char *b, struct error *err)
{
	return master_address_add(master, a, b, err);
}

static int address_remove(const char *a, const char *b, struct error *err)
{
	(void)b;
	return master_address_remove(master, a, err);
}

static int group_add(const char *a, const char *b, struct error *err)
{
	(void)b;
	return master_group_add(master, a, err);
}

static int group_remove(const char *a, const char *b, struct error *err)
{
	struct master_removed removed;

	(void)b;
	return master_group_remove(master, a, &removed, err);
}

static int member_add(const char *a, const char *b, struct error *err)
{
	return master_group_add_member(master, a, b, err);
}

static int member_remove(const char *a, const char *b, struct error *err)
{
	return master_group_remove_member(master, a, b, err);
}

static int grant_add(const char *a, const char *b, struct error *err)
{
	const struct master_grant grant = { .holder = a, .address = b };

	return master_grant_add(master, &grant, err);
}

static int grant_remove(const char *a, const char *b, struct error *err)
{
	return master_grant_remove(master, a, b, err);
}

static int key_add(const char *a, const char *b, struct error *err)
{
	const struct master_key key = { .fingerprint = new_key,
					.account = a,
					.name = "new",
					.type = "P-256",
					.login = b };

	return master_key_add(master, &key, err);
}

static int key_add_named(const char *a, const char *b, struct error *err)
{
	const struct master_key key = {
		.fingerprint = new_key, .account = a, .name = b, .type = "P-256"
	};

	return master_key_add(master, &key, err);
}

static int key_add_known(const char *a, const char *b, struct error *err)
{
	const struct master_key key = { .fingerprint = known_key,
					.account = a,
					.name = b,
					.type = "P-256" };

	return master_key_add(master, &key, err);
}

static int key_add_login(const char *a, const char *b, struct error *err)
{
	const struct master_key key = { .fingerprint = known_key,
					.account = a,
					.name = "laptop",
					.type = "P-256",
					.login = b };

	return master_key_add(master, &key, err);
}

static int key_remove(const char *a, const char *b, struct error *err)
{
	(void)a;
	(void)b;
	return master_key_remove(master, &new_key, err);
}

struct step {
	const char *name;
	change *change;
	const char *a, *b;
	const char *refusal; /* NULL: it is done */
	int sysexit;	     /* 0: EX_DATAERR */
};

/* What is there when each of the refusals is tried. */
static const struct step beginning[] = {
	{ "", account_add, "anna", NULL, NULL, 0 },
	{ "", account_add, "bert", NULL, NULL, 0 },
	{ "", account_add, "dora@example.org", NULL, NULL, 0 },
	{ "", account_add, "emil@example.edu", NULL, NULL, 0 },
	{ "", domain_add, "example.org", "+", NULL, 0 },
	{ "", domain_add_alias, "example.net", "example.org", NULL, 0 },
	{ "", domain_add, "empty.example.org", "", NULL, 0 },
	{ "", address_add, "anna@example.org", "anna", NULL, 0 },
	{ "", address_add, "emil@example.org", "bert", NULL, 0 },
	{ "", address_add, "@example.org", "anna", NULL, 0 },
	{ "", group_add, "staff", NULL, NULL, 0 },
	{ "", member_add, "staff", "anna", NULL, 0 },
	{ "", grant_add, "anna", "info@example.org", NULL, 0 },
	{ "", grant_add, "anna", "A+b@new.example.org", NULL, 0 },
	{ "", grant_add, "anna", "a+c@new.example.org", NULL, 0 },
	{ "", key_add_login, "anna", "desk+1@example.net", NULL, 0 },
};

static const struct step refusals[] = {
	{ "an account twice", account_add, "Anna", NULL,
	  "there is an account anna already", 0 },
	{ "an account name that is none", account_add, "a b", NULL,
	  "is no account name", 0 },
	{ "an account like a path", account_add, "../etc", NULL,
	  "is no account name", 0 },
	{ "an account like a passwd line", account_add, "a:b", NULL,
	  "is no account name", 0 },
	{ "an account like two lines", account_add, "a\nb", NULL,
	  "is no account name", 0 },
	{ "an account named like a colleague's address", account_add,
	  "anna@example.org", NULL,
	  "an account can't be named anna@example.org: that is an address of "
	  "account anna",
	  0 },
	{ "an account named like one with a delimiter", account_add,
	  "anna+x@example.net", NULL,
	  "an account can't be named anna+x@example.net: that is an address "
	  "of account anna",
	  0 },
	{ "disabling nobody", account_disable, "zoe", NULL,
	  "there is no account zoe", EX_NOUSER },
	{ "removing nobody", account_remove, "zoe", NULL,
	  "there is no account zoe", EX_NOUSER },
	{ "a password for nobody", account_password, "zoe", "{CRYPT}x",
	  "there is no account zoe", EX_NOUSER },
	{ "a hash with a field in it", account_password, "anna",
	  "{CRYPT}x::0:0", "can't be in a password hash", 0 },
	{ "a hash with a line in it", account_password, "anna",
	  "{CRYPT}x\nroot", "can't be in a password hash", 0 },
	{ "a hash without scheme", account_password, "anna", "x",
	  "does not begin with its scheme", 0 },
	{ "a domain twice", domain_add, "Example.ORG", "",
	  "domain example.org is in the directory already", 0 },
	{ "a domain that is none", domain_add, "exa mple", "", "exa mple", 0 },
	{ "a letter as delimiter", domain_add, "x.example.org", "a",
	  "\"a\" can't be delimiters", 0 },
	{ "the at sign as delimiter", domain_add, "x.example.org", "+@",
	  "\"+@\" can't be delimiters", 0 },
	{ "too many delimiters", domain_add, "x.example.org", "+-_=~!#$",
	  "more delimiters than can be kept", 0 },
	{ "an alias of nothing", domain_add_alias, "x.example.org",
	  "y.example.org", "domain y.example.org is not in the directory", 0 },
	{ "an alias of an alias", domain_add_alias, "x.example.org",
	  "example.net",
	  "domain example.net is itself an alias, of example.org", 0 },
	{ "an alias of itself", domain_add_alias, "x.example.org",
	  "x.example.org", "domain x.example.org is not in the directory", 0 },
	{ "an alias with rules", domain_add_ruled_alias, "x.example.org",
	  "example.org", "an alias has the rules of the domain", 0 },
	{ "an alias in which an account would be named like an address",
	  domain_add_alias, "example.edu", "example.org",
	  "there is an account named emil@example.edu, which would be an "
	  "address of account bert",
	  0 },
	{ "a domain in which two grants would be one", domain_add,
	  "new.example.org", "+",
	  "the grants for a+c@new.example.org and A+b@new.example.org would "
	  "be the same",
	  0 },
	{ "removing a domain that is not there", domain_remove, "x.example.org",
	  NULL, "domain x.example.org is not in the directory", 0 },
	{ "removing a domain with addresses", domain_remove, "example.org",
	  NULL, "domain example.org has addresses (", 0 },
	{ "removing a domain that a key logs in with", domain_remove,
	  "example.net", NULL,
	  "domain example.net has keys that log in with its addresses "
	  "(desk+1@example.net): remove them first",
	  0 },
	{ "an address twice", address_add, "ANNA@example.org", "anna",
	  "ANNA@example.org is an address of account anna already", 0 },
	{ "a colleague's address", address_add, "anna@example.org", "bert",
	  "anna@example.org is an address of account anna already", 0 },
	{ "a colleague's catch-all", address_add, "@EXAMPLE.org", "bert",
	  "@example.org is an address of account anna already", 0 },
	{ "a colleague's name", address_add, "Dora@example.org", "bert",
	  "Dora@example.org is the name of account dora@example.org already",
	  0 },
	{ "the login of a colleague's key", address_add, "desk@example.org",
	  "bert",
	  "desk@example.org is the login of a key of account anna already", 0 },
	{ "an address for nobody", address_add, "zoe@example.org", "zoe",
	  "there is no account zoe", EX_NOUSER },
	{ "an address in a foreign domain", address_add, "anna@example.com",
	  "anna",
	  "anna@example.com: domain example.com is not in the directory; run "
	  "\"countersign domain add example.com\" first",
	  0 },
	{ "an address in an alias domain", address_add, "bert@example.net",
	  "bert", "domain example.net is an alias of example.org", 0 },
	{ "an address with a delimiter", address_add, "bert+x@example.org",
	  "bert", "a delimiter of domain example.org can't stand", 0 },
	{ "an address that is none", address_add, "bert", "bert", "bert", 0 },
	{ "removing an address that is not there", address_remove,
	  "zoe@example.org", NULL, "zoe@example.org is not in the directory",
	  0 },
	{ "removing an address by one with a delimiter", address_remove,
	  "anna+x@example.org", NULL,
	  "anna+x@example.org is not in the directory", 0 },
	{ "removing an address that a key logs in with", address_remove,
	  "@example.org", NULL,
	  "@example.org: anna's key \"laptop\" logs in with it; remove the "
	  "key first",
	  0 },
	{ "a group twice", group_add, "%STAFF", NULL,
	  "there is a group staff already", 0 },
	{ "a group name that is none", group_add, "%", NULL,
	  "is no account name", 0 },
	{ "removing a group that is not there", group_remove, "crew", NULL,
	  "there is no group crew", EX_NOUSER },
	{ "a member twice", member_add, "staff", "anna",
	  "account anna is in group staff already", 0 },
	{ "a member that is nobody", member_add, "staff", "zoe",
	  "there is no account zoe", EX_NOUSER },
	{ "a member of no group", member_add, "crew", "anna",
	  "there is no group crew", EX_NOUSER },
	{ "removing a member that is none", member_remove, "staff", "bert",
	  "account bert is not in group staff", 0 },
	{ "a grant twice", grant_add, "anna", "INFO@example.net",
	  "anna has a grant for INFO@example.net already; remove that first",
	  0 },
	{ "a grant to nobody", grant_add, "zoe", "info@example.org",
	  "there is no account zoe", EX_NOUSER },
	{ "a grant to no group", grant_add, "%crew", "info@example.org",
	  "there is no group crew", EX_NOUSER },
	{ "a grant for what is no address", grant_add, "anna", "info", "info",
	  0 },
	{ "a grant with a delimiter", grant_add, "anna", "info+x@example.org",
	  "a delimiter of domain example.org can't stand", 0 },
	{ "removing a grant that is not there", grant_remove, "bert",
	  "info@example.org", "bert has no grant for info@example.org", 0 },
	{ "a key twice", key_add_known, "bert", "mine",
	  "this key is of account anna, as \"laptop\", already", 0 },
	{ "a key for nobody", key_add, "zoe", NULL, "there is no account zoe",
	  EX_NOUSER },
	{ "a key without name", key_add_named, "anna", "",
	  "the key has no name; give it one with --name", 0 },
	{ "a key with a line in its name", key_add_named, "anna", "a\nb",
	  "the key's name: octet 1 begins a control character", 0 },
	{ "a key's login that is a colleague's", key_add, "bert",
	  "anna@example.org",
	  "anna@example.org is not an address of account bert", 0 },
	{ "a key's login that is nobody's", key_add, "bert",
	  "x@empty.example.org",
	  "x@empty.example.org is not an address of account bert", 0 },
	{ "a key's login that is a domain", key_add, "anna", "@example.org",
	  "@example.org is a whole domain; name one address to log in as", 0 },
	{ "removing a key that is not there", key_remove, NULL, NULL,
	  "no account has this key", 0 },
};

static void take(const struct step *step)
{
	struct error err;

	if (step->change(step->a, step->b, &err) < 0)
		fail_msg("%s %s: %s", step->a, step->b, err.text);
}

static int set_up(void **state)
{
	struct error err;
	size_t i;

	(void)state;
	folder = folder_make("master");
	assert_int_equal(master_init(folder, &err), 0);
	assert_int_equal(master_open(&master, folder, &err), 0);
	assert_int_equal(master_begin(master, &err), 0);
	for (i = 0; i < ARRAY_SIZE(beginning); i++)
		take(&beginning[i]);
	assert_int_equal(master_commit(master, true, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	master_close(&master);
	folder_remove(&folder);
	return 0;
}

static void what_is_double_or_dangling_is_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct step *step = &refusals[i];
		struct error err = { .text = "" };

		print_message("%s\n", step->name);
		assert_int_equal(master_begin(master, &err), 0);
		assert_int_equal(step->change(step->a, step->b, &err), -1);
		if (strstr(err.text, step->refusal) == NULL)
			fail_msg("it says: %s", err.text);
		assert_int_equal(err.sysexit, step->sysexit != 0 ? step->sysexit
								 : EX_DATAERR);
		master_rollback(master);
	}
}

static void what_depends_on_an_order_is_done_in_that_order(void **state)
{
	static const struct step steps[] = {
		{ "", key_add, "anna", "anna@example.org", NULL, 0 },
		{ "", key_remove, NULL, NULL, NULL, 0 },
		{ "", address_remove, "ANNA@example.net", NULL, NULL, 0 },
		/* The catch-all's key gets the address as its own. */
		{ "", address_add, "desk@example.org", "anna", NULL, 0 },
		{ "", address_remove, "@example.org", NULL, NULL, 0 },
		{ "", grant_remove, "anna", "a+c@new.example.org", NULL, 0 },
		{ "", domain_add, "new.example.org", "+", NULL, 0 },
		{ "", grant_remove, "anna", "a@new.example.org", NULL, 0 },
		{ "", domain_remove, "new.example.org", NULL, NULL, 0 },
		{ "", address_add, "dora@example.org", "dora@example.org", NULL,
		  0 },
	};
	struct error err;
	size_t i;

	(void)state;
	assert_int_equal(master_begin(master, &err), 0);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		take(&steps[i]);
	assert_int_equal(master_commit(master, true, &err), 0);
}

static void count_row(void *context, const struct master_grant *grant)
{
	(void)grant;
	(*(int *)context)++;
}

static void an_account_takes_along_what_is_its_own(void **state)
{
	struct master_removed removed;
	struct error err;
	int grants = 0;

	(void)state;
	assert_int_equal(master_begin(master, &err), 0);
	assert_int_equal(master_account_remove(master, "ANNA", &removed, &err),
			 0);
	assert_int_equal(removed.addresses, 2);
	assert_int_equal(removed.memberships, 1);
	assert_int_equal(removed.grants, 3);
	assert_int_equal(removed.keys, 1);
	assert_int_equal(
		master_grant_list(master, NULL, count_row, &grants, &err), 0);
	assert_int_equal(grants, 0);
	assert_int_equal(master_commit(master, true, &err), 0);
}

static void a_change_that_is_rolled_back_has_not_happened(void **state)
{
	struct master_state before, after;
	struct error err;

	(void)state;
	assert_int_equal(master_state(master, &before, &err), 0);
	assert_int_equal(master_begin(master, &err), 0);
	assert_int_equal(account_add("zoe", NULL, &err), 0);
	master_rollback(master);
	assert_int_equal(account_disable("zoe", NULL, &err), -1);
	assert_int_equal(master_state(master, &after, &err), 0);
	assert_int_equal(after.generation, before.generation);
}

static void
a_change_that_is_not_to_be_published_only_counts_as_one(void **state)
{
	struct master_state before, after;
	struct error err;

	(void)state;
	assert_int_equal(master_state(master, &before, &err), 0);
	assert_int_equal(master_begin(master, &err), 0);
	assert_int_equal(account_add("zoe", NULL, &err), 0);
	assert_int_equal(master_commit(master, false, &err), 0);
	assert_int_equal(master_state(master, &after, &err), 0);
	assert_int_equal(after.generation, before.generation + 1);
	assert_int_equal(after.publish_from, before.publish_from);
}

static void a_master_is_never_made_over_another(void **state)
{
	struct error err;

	(void)state;
	master_close(&master);
	assert_int_equal(master_init(folder, &err), -1);
	assert_int_equal(err.sysexit, EX_CANTCREAT);
	assert_non_null(strstr(err.text, "there is an account directory "
					 "already"));
	assert_int_equal(master_open(&master, folder, &err), 0);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_double_or_dangling_is_refused),
		TEST(what_depends_on_an_order_is_done_in_that_order),
		TEST(an_account_takes_along_what_is_its_own),
		TEST(a_change_that_is_rolled_back_has_not_happened),
		TEST(a_change_that_is_not_to_be_published_only_counts_as_one),
		TEST(a_master_is_never_made_over_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
