#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/key.h"
#include "milter-dkim/keys.h"
#include "tests/dkim/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SINCE "2026-11-22T10:20:00Z"

static struct test_keys made;
static char *weak_pem;
static char folder[] = "/tmp/dkim-keys-test-XXXXXX";

static char *path_of(const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static void remove_file(const char *name)
{
	char *path = path_of(name);

	(void)unlink(path);
	free(path);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	char *path = path_of(name);
	FILE *file;

	remove_file(name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "table", "r.pem", "e.pem",
					     "x.pem" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		remove_file(names[i]);
	return rmdir(folder);
}

static int load(struct keys **keys_r, const struct keys *old, const char *table,
		struct error *err)
{
	char *path = path_of("table");
	int result;

	write_file("table", table, 0640);
	result = keys_load(keys_r, path, old, err);
	free(path);
	return result;
}

static struct keys *load_good(const char *table)
{
	struct keys *keys;
	struct error err;

	if (load(&keys, NULL, table, &err) < 0)
		fail_msg("%s", err.text);
	return keys;
}

static void write_keys(void)
{
	write_file("r.pem", made.pems[DKIM_RSA_SHA256], 0600);
	write_file("e.pem", made.pems[DKIM_ED25519_SHA256], 0640);
}

/* The selectors of what signs for the domain. */
static void
assert_found(const struct keys *keys, const char *domain, const char *expected)
{
	struct key *found[DKIM_ALGORITHM_COUNT];
	size_t count = keys_find(keys, domain, found), i;
	struct buffer selectors = BUFFER_INIT;

	for (i = 0; i < count; i++)
		buffer_printf(&selectors, "%s%s", i > 0 ? " " : "",
			      found[i]->selector);
	assert_string_equal(buffer_string(&selectors), expected);
	buffer_release(&selectors);
}

/* Both algorithms are deterministic. */
static void
assert_same_key(const struct signing_key *a, const struct signing_key *b)
{
	struct buffer signature = BUFFER_INIT, other = BUFFER_INIT;
	struct error err;

	assert_int_equal(signing_key_sign(&signature, a, "text", 4, &err), 0);
	assert_int_equal(signing_key_sign(&other, b, "text", 4, &err), 0);
	assert_int_equal(signature.len, other.len);
	assert_memory_equal(signature.data, other.data, other.len);
	buffer_release(&signature);
	buffer_release(&other);
}

static void a_domain_has_its_active_keys_rsa_first(void **state)
{
	static const char table[] =
		"example.org e ed25519 active " SINCE " e.pem\n"
		"b.example r rsa active " SINCE " r.pem\n"
		"example.org r rsa active " SINCE " r.pem\n"
		"example.org a rsa pending " SINCE " r.pem\n"
		"example.org t rsa retired " SINCE " gone.pem\n"
		"c.example s rsa pending " SINCE " r.pem\n";
	struct key *found[DKIM_ALGORITHM_COUNT];
	struct keys *keys;
	struct error err;
	struct signing_key *key;

	(void)state;
	write_keys();
	keys = load_good(table);
	assert_int_equal(keys_find(keys, "example.org", found), 2);
	assert_int_equal(found[0]->algorithm, DKIM_RSA_SHA256);
	assert_string_equal(found[0]->selector, "r");
	assert_int_equal(found[1]->algorithm, DKIM_ED25519_SHA256);
	assert_string_equal(found[1]->selector, "e");
	assert_int_equal(key_take(&key, found[0], &err), 0);
	assert_same_key(key, made.ready[DKIM_RSA_SHA256]);
	signing_key_release(&key);
	assert_found(keys, "b.example", "r");
	assert_found(keys, "c.example", "");
	assert_found(keys, "a.example.org", "");
	assert_found(keys, "", "");
	assert_found(keys, "zzz", "");
	keys_free(&keys);
	assert_null(keys);
}

static void the_nearest_parent_that_has_subdomains_signs(void **state)
{
	static const char table[] =
		"example.org r rsa active " SINCE " r.pem subdomains\n"
		"example.org e ed25519 active " SINCE " e.pem subdomains\n"
		"alone.example.org a rsa active " SINCE " r.pem\n"
		"own.example.org o rsa active " SINCE " r.pem subdomains\n"
		"one.example.org 1 rsa active " SINCE " r.pem\n"
		"one.example.org 2 ed25519 active " SINCE " e.pem subdomains\n"
		"made.example.org m rsa pending " SINCE " r.pem subdomains\n"
		"gone.example.org g rsa retired " SINCE " r.pem subdomains\n";
	static const struct {
		const char *name;
		const char *domain;
		const char *selectors;
	} cases[] = {
		{ "the domain itself", "example.org", "r e" },
		{ "a subdomain without a line", "sub.example.org", "r e" },
		{ "one of many labels", "a.b.c.sub.example.org", "r e" },
		{ "one with a key of its own", "own.example.org", "o" },
		{ "below that one", "a.own.example.org", "o" },
		{ "one whose key is for itself", "alone.example.org", "a" },
		{ "below it, the next parent", "a.alone.example.org", "r e" },
		{ "both keys of a domain", "one.example.org", "1 2" },
		{ "the one of them that is for more", "a.one.example.org",
		  "2" },
		{ "one whose key is only pending", "made.example.org", "r e" },
		{ "one whose key is retired", "gone.example.org", "r e" },
		{ "below pending and retired keys", "a.gone.example.org",
		  "r e" },
		{ "a name that only ends alike", "notexample.org", "" },
		{ "a parent", "org", "" },
		{ "no name", "", "" },
		{ "dots", "..", "" },
	};
	struct keys *keys;
	size_t i;

	(void)state;
	write_keys();
	keys = load_good(table);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].name);
		assert_found(keys, cases[i].domain, cases[i].selectors);
	}
	keys_free(&keys);
}

static void an_empty_table_has_no_keys(void **state)
{
	struct keys *keys = load_good("");

	(void)state;
	assert_found(keys, "example.org", "");
	keys_free(&keys);
}

/* The private key of example.org that is kept. */
static struct signing_key *take_one(const struct keys *keys)
{
	struct key *found[DKIM_ALGORITHM_COUNT];
	struct signing_key *key;
	struct error err;

	assert_int_equal(keys_find(keys, "example.org", found), 1);
	assert_int_equal(key_take(&key, found[0], &err), 0);
	return key;
}

static void a_reload_keeps_what_it_has_read_of_unchanged_keys(void **state)
{
	static const char line[] =
		"example.org s ed25519 active " SINCE " e.pem\n";
	static const struct {
		const char *name;
		const char *table;
		bool rewritten;
		bool kept;
	} cases[] = {
		{ "nothing has changed", line, false, true },
		{ "others have come, before and behind",
		  "a.example s rsa active " SINCE " r.pem\n"
		  "example.org s ed25519 active " SINCE " e.pem\n"
		  "z.example s rsa active " SINCE " r.pem\n",
		  false, true },
		{ "the file was written anew", line, true, false },
		{ "another file of the same content",
		  "example.org s ed25519 active " SINCE " x.pem\n", false,
		  false },
		{ "another selector",
		  "example.org t ed25519 active " SINCE " e.pem\n", false,
		  false },
		{ "another option",
		  "example.org s ed25519 active " SINCE " e.pem subdomains\n",
		  false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct signing_key *before, *after;
		struct keys *old, *new;
		struct error err;

		print_message("%s\n", cases[i].name);
		write_keys();
		write_file("x.pem", made.pems[DKIM_ED25519_SHA256], 0600);
		old = load_good(line);
		before = take_one(old);
		if (cases[i].rewritten)
			write_keys();
		assert_int_equal(load(&new, old, cases[i].table, &err), 0);
		after = take_one(new);
		assert_int_equal(before == after, cases[i].kept);
		keys_free(&old);
		signing_key_release(&before);
		signing_key_release(&after);
		after = take_one(new);
		signing_key_release(&after);
		keys_free(&new);
	}
}

/* Lines for 0.example to count-1.example, all with this key file. */
static char *make_lines(size_t count, const char *file)
{
	struct buffer lines = BUFFER_INIT;
	size_t i;

	for (i = 0; i < count; i++)
		buffer_printf(&lines,
			      "%zu.example s ed25519 active " SINCE " %s\n", i,
			      file);
	return buffer_steal(&lines);
}

static int take(const struct keys *keys, size_t number, struct error *err_r)
{
	struct key *found[DKIM_ALGORITHM_COUNT];
	char *domain = mem_printf("%zu.example", number);
	struct signing_key *key;
	int result;

	assert_int_equal(keys_find(keys, domain, found), 1);
	free(domain);
	result = key_take(&key, found[0], err_r);
	if (result == 0)
		signing_key_release(&key);
	return result;
}

static void of_many_keys_a_fault_in_one_is_its_domains_alone(void **state)
{
	char *many = make_lines(KEYS_READ_AT_LOAD, "e.pem");
	char *table = mem_printf(
		"%sbad.example s ed25519 active " SINCE " x.pem\n", many);
	struct key *found[DKIM_ALGORITHM_COUNT];
	struct keys *keys;
	struct error err;
	struct signing_key *key;

	(void)state;
	write_keys();
	write_file("x.pem", made.pems[DKIM_RSA_SHA256], 0600);
	keys = load_good(table);
	assert_int_equal(keys_check(keys, &err), -1);
	assert_non_null(strstr(err.text, "selector s of bad.example: "));
	assert_int_equal(keys_find(keys, "bad.example", found), 1);
	assert_int_equal(key_take(&key, found[0], &err), -1);
	assert_non_null(strstr(err.text, "selector s of bad.example: "));
	assert_non_null(
		strstr(err.text, "x.pem: is a key of type RSA, not Ed25519"));
	assert_int_equal(take(keys, 7, &err), 0);

	/* Mended, it needs no reload. */
	write_file("x.pem", made.pems[DKIM_ED25519_SHA256], 0600);
	assert_int_equal(keys_check(keys, &err), 0);
	assert_int_equal(key_take(&key, found[0], &err), 0);
	signing_key_release(&key);
	keys_free(&keys);
	free(table);
	free(many);
}

static void of_many_keys_a_mode_is_checked_at_once(void **state)
{
	char *many = make_lines(KEYS_READ_AT_LOAD, "e.pem");
	char *table = mem_printf(
		"%sbad.example s ed25519 active " SINCE " x.pem\n", many);
	struct keys *keys = NULL;
	struct error err;

	(void)state;
	write_keys();
	write_file("x.pem", made.pems[DKIM_ED25519_SHA256], 0644);
	assert_int_equal(load(&keys, NULL, table, &err), -1);
	assert_non_null(strstr(err.text, "x.pem: mode 0644 lets others"));
	free(table);
	free(many);
}

/* Whether a key is kept shows when its file is gone. */
static void the_key_wanted_longest_ago_makes_way(void **state)
{
	char *table = make_lines(KEY_KEPT_MAX + 1, "e.pem");
	struct keys *keys;
	struct error err;
	size_t i;

	(void)state;
	write_keys();
	keys = load_good(table);
	for (i = 0; i < KEY_KEPT_MAX; i++)
		assert_int_equal(take(keys, i, &err), 0);
	assert_int_equal(take(keys, 0, &err), 0);
	assert_int_equal(take(keys, KEY_KEPT_MAX, &err), 0);
	remove_file("e.pem");
	assert_int_equal(take(keys, 0, &err), 0);
	assert_int_equal(take(keys, 1, &err), -1);
	assert_non_null(strstr(err.text, "e.pem: can't be opened: "));
	for (i = 2; i <= KEY_KEPT_MAX; i++)
		assert_int_equal(take(keys, i, &err), 0);
	keys_free(&keys);
	free(table);
}

#define MORE_THAN_KEPT (KEY_KEPT_MAX + 500)

static void *take_many(void *arg)
{
	unsigned int seed = 1;
	struct error err;
	int i;

	for (i = 0; i < 1000; i++) {
		if (take(arg, (size_t)rand_r(&seed) % MORE_THAN_KEPT, &err) < 0)
			return arg;
	}
	return NULL;
}

static void threads_take_keys_that_come_and_go(void **state)
{
	char *table = make_lines(MORE_THAN_KEPT, "e.pem");
	pthread_t threads[4];
	struct keys *keys, *other;
	struct error err;
	size_t i;

	(void)state;
	write_keys();
	keys = load_good(table);
	for (i = 0; i < KEY_KEPT_MAX; i++)
		assert_int_equal(take(keys, i, &err), 0);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, take_many, keys), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(load(&other, keys, table, &err), 0);
		assert_int_equal(take(other, i, &err), 0);
		keys_free(&other);
	}
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	keys_free(&keys);
	free(table);
}

static void a_fault_of_any_key_is_named_with_its_file(void **state)
{
	const char *rsa = made.pems[DKIM_RSA_SHA256];
	const struct {
		const char *name;
		const char *table;
		const char *pem;
		mode_t mode;
		const char *reason;
	} cases[] = {
		{ "a key that others may read",
		  "example.org x rsa active " SINCE " x.pem\n", rsa, 0644,
		  "x.pem: mode 0644 lets others at the key" },
		{ "a key that others may write",
		  "example.org x rsa active " SINCE " x.pem\n", rsa, 0602,
		  "x.pem: mode 0602 lets others at the key" },
		{ "a key that a group may write",
		  "example.org x rsa active " SINCE " x.pem\n", rsa, 0660,
		  "x.pem: mode 0660 lets a group write the key" },
		{ "a missing key", "example.org x rsa active " SINCE " y.pem\n",
		  rsa, 0600, "y.pem: can't be opened" },
		{ "a missing key that is only pending",
		  "example.org x rsa pending " SINCE " y.pem\n", rsa, 0600,
		  "y.pem: can't be opened" },
		{ "a folder", "example.org x rsa active " SINCE " .\n", rsa,
		  0600, "/.: not a regular file" },
		{ "a key of the other type",
		  "example.org x ed25519 active " SINCE " x.pem\n", rsa, 0600,
		  "x.pem: is a key of type RSA, not Ed25519" },
		{ "an Ed25519 key for rsa",
		  "example.org x rsa active " SINCE " x.pem\n",
		  made.pems[DKIM_ED25519_SHA256], 0600,
		  "x.pem: is a key of type ED25519, not RSA" },
		{ "a weak key", "example.org x rsa active " SINCE " x.pem\n",
		  weak_pem, 0600,
		  "x.pem: an RSA key must have 2048 to 8192 bits, this one "
		  "has 1024" },
		{ "a file that is no key",
		  "example.org x rsa active " SINCE " x.pem\n", "hello\n", 0600,
		  "x.pem: holds no unencrypted private key in PEM" },
		{ "an empty file", "example.org x rsa active " SINCE " x.pem\n",
		  "", 0600, "x.pem: holds no unencrypted private key in PEM" },
		{ "a bad line of the table", "example.org x rsa active\n", rsa,
		  0600, "table: line 1: is not of the form" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct keys *keys = NULL;
		struct error err;

		print_message("%s\n", cases[i].name);
		write_file("x.pem", cases[i].pem, cases[i].mode);
		assert_int_equal(load(&keys, NULL, cases[i].table, &err), -1);
		assert_non_null(strstr(err.text, cases[i].reason));
		assert_null(keys);
	}
}

static void an_encrypted_key_is_refused_without_a_question(void **state)
{
	struct keys *keys = NULL;
	struct error err;
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *pem;
	long len;

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(
				 bio, made.pkeys[DKIM_ED25519_SHA256],
				 EVP_aes_128_cbc(), "secret", 6, NULL, NULL),
			 1);
	len = BIO_get_mem_data(bio, &data);
	pem = mem_strndup(data, (size_t)len);
	write_file("x.pem", pem, 0600);
	assert_int_equal(load(&keys, NULL,
			      "example.org x ed25519 active " SINCE " x.pem\n",
			      &err),
			 -1);
	assert_non_null(strstr(err.text, "x.pem: holds no unencrypted"));
	free(pem);
	BIO_free(bio);
}

static void a_table_that_others_may_write_is_refused(void **state)
{
	char *path = path_of("table");
	struct keys *keys = NULL;
	struct error err;

	(void)state;
	write_file("table", "", 0664);
	assert_int_equal(keys_load(&keys, path, NULL, &err), -1);
	assert_non_null(strstr(err.text, "mode 0664 lets others write it"));
	free(path);
}

static void a_missing_table_is_an_error(void **state)
{
	struct keys *keys = NULL;
	struct error err;

	(void)state;
	assert_int_equal(keys_load(&keys, "/nonexistent/table", NULL, &err),
			 -1);
	assert_string_equal(err.text, "/nonexistent/table: the key table can't "
				      "be opened: No such file or directory");
}

static void the_record_of_a_key_is_what_rfc_8463_prints(void **state)
{
	static const unsigned char secret[32] = {
		0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
		0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
		0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
		0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60
	};
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
						      secret, sizeof(secret));
	struct error err;
	char *record;

	(void)state;
	assert_int_equal(
		dkim_key_record(&record, pkey, DKIM_ED25519_SHA256, &err), 0);
	assert_string_equal(record,
			    "v=DKIM1; k=ed25519; h=sha256; "
			    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	free(record);
	EVP_PKEY_free(pkey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_has_its_active_keys_rsa_first),
		cmocka_unit_test(the_nearest_parent_that_has_subdomains_signs),
		cmocka_unit_test(an_empty_table_has_no_keys),
		cmocka_unit_test(
			a_reload_keeps_what_it_has_read_of_unchanged_keys),
		cmocka_unit_test(
			of_many_keys_a_fault_in_one_is_its_domains_alone),
		cmocka_unit_test(of_many_keys_a_mode_is_checked_at_once),
		cmocka_unit_test(the_key_wanted_longest_ago_makes_way),
		cmocka_unit_test(threads_take_keys_that_come_and_go),
		cmocka_unit_test(a_fault_of_any_key_is_named_with_its_file),
		cmocka_unit_test(
			an_encrypted_key_is_refused_without_a_question),
		cmocka_unit_test(a_table_that_others_may_write_is_refused),
		cmocka_unit_test(a_missing_table_is_an_error),
		cmocka_unit_test(the_record_of_a_key_is_what_rfc_8463_prints),
	};
	EVP_PKEY *weak = EVP_RSA_gen(1024);
	struct error err;
	int failed;

	test_keys_init(&made);
	if (dkim_key_pem(&weak_pem, weak, &err) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, set_up, tear_down);
	test_keys_release(&made);
	mem_free_string(&weak_pem);
	EVP_PKEY_free(weak);
	return failed;
}
