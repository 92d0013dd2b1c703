#include "tests/unit/test.h"

#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/keys.h"
#include "tests/dkim/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
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

static void write_file(const char *name, const char *text, mode_t mode)
{
	char *path = path_of(name);
	FILE *file;

	(void)unlink(path);
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
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = path_of(names[i]);

		(void)unlink(path);
		free(path);
	}
	return rmdir(folder);
}

static int load(struct keys **keys_r, const char *table, struct error *err)
{
	char *path = path_of("table");
	int result;

	write_file("table", table, 0640);
	result = keys_load(keys_r, path, err);
	free(path);
	return result;
}

static void a_domain_has_its_active_keys_rsa_first(void **state)
{
	static const char table[] =
		"example.org e ed25519 active " SINCE " e.pem\n"
		"b.example r rsa active " SINCE " r.pem\n"
		"example.org r rsa active " SINCE " r.pem\n"
		"example.org s rsa pending " SINCE " r.pem\n"
		"example.org t rsa retired " SINCE " gone.pem\n"
		"c.example s rsa pending " SINCE " r.pem\n";
	const struct key *found;
	struct keys *keys;
	struct error err;

	(void)state;
	write_file("r.pem", made.pems[DKIM_RSA_SHA256], 0600);
	write_file("e.pem", made.pems[DKIM_ED25519_SHA256], 0640);
	assert_int_equal(load(&keys, table, &err), 0);
	assert_int_equal(keys_count(keys), 3);
	assert_int_equal(keys_find(keys, "example.org", &found), 2);
	assert_int_equal(found[0].algorithm, DKIM_RSA_SHA256);
	assert_string_equal(found[0].selector, "r");
	assert_int_equal(found[1].algorithm, DKIM_ED25519_SHA256);
	assert_string_equal(found[1].selector, "e");
	assert_int_equal(
		EVP_PKEY_eq(found[0].pkey, made.pkeys[DKIM_RSA_SHA256]), 1);
	assert_int_equal(keys_find(keys, "b.example", &found), 1);
	assert_int_equal(keys_find(keys, "c.example", &found), 0);
	assert_int_equal(keys_find(keys, "a.example.org", &found), 0);
	assert_int_equal(keys_find(keys, "", &found), 0);
	assert_int_equal(keys_find(keys, "zzz", &found), 0);
	keys_free(&keys);
	assert_null(keys);
}

static void an_empty_table_has_no_keys(void **state)
{
	const struct key *found;
	struct keys *keys;
	struct error err;

	(void)state;
	assert_int_equal(load(&keys, "", &err), 0);
	assert_int_equal(keys_count(keys), 0);
	assert_int_equal(keys_find(keys, "example.org", &found), 0);
	keys_free(&keys);
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
		assert_int_equal(load(&keys, cases[i].table, &err), -1);
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
	assert_int_equal(load(&keys,
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
	assert_int_equal(keys_load(&keys, path, &err), -1);
	assert_non_null(strstr(err.text, "mode 0664 lets others write it"));
	free(path);
}

static void a_missing_table_is_an_error(void **state)
{
	struct keys *keys = NULL;
	struct error err;

	(void)state;
	assert_int_equal(keys_load(&keys, "/nonexistent/table", &err), -1);
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
		cmocka_unit_test(an_empty_table_has_no_keys),
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
