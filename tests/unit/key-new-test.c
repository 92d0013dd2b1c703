#include "tests/unit/test.h"

#include "admin/key-new.h"
#include "common/error.h"
#include "common/mem.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */

static const struct key_new_request usual = {
	.type = KEY_NEW_P256,
	.name = "Annas Händi",
	.from = NOW,
	.until = NOW + 86400,
	.password = "correct horse",
};

static X509 *certificate_of(const struct key_new *made)
{
	BIO *bio = BIO_new_mem_buf(made->certificate, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(certificate);
	return certificate;
}

static EVP_PKEY *key_of(const struct key_new *made)
{
	BIO *bio = BIO_new_mem_buf(made->key, -1);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(pkey);
	return pkey;
}

static void check_time(const ASN1_TIME *time, time_t wanted)
{
	/* RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050. */
	assert_int_equal(ASN1_TIME_cmp_time_t(time, wanted), 0);
	assert_int_equal(ASN1_STRING_type(time),
			 wanted < 2524608000 ? V_ASN1_UTCTIME
					     : V_ASN1_GENERALIZEDTIME);
}

static void every_type_makes_what_clients_offer(void **state)
{
	static const struct {
		const char *text;
		const char *type;
	} cases[] = {
		{ "p256", "P-256" },
		{ "ed25519", "Ed25519" },
		{ "rsa", "RSA-3072" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct key_new_request request = usual;
		struct key_new made;
		struct error err;
		X509 *certificate;
		EVP_PKEY *pkey;
		char name[64];

		print_message("%s\n", cases[i].text);
		assert_int_equal(
			key_new_type_parse(&request.type, cases[i].text, &err),
			0);
		assert_int_equal(key_new_make(&made, &request, &err), 0);
		assert_string_equal(made.public_key.type, cases[i].type);
		assert_string_equal(made.public_key.name, usual.name);
		certificate = certificate_of(&made);
		pkey = key_of(&made);
		assert_int_equal(X509_check_private_key(certificate, pkey), 1);
		assert_int_equal(X509_verify(certificate, pkey), 1);
		check_time(X509_get0_notBefore(certificate), usual.from);
		check_time(X509_get0_notAfter(certificate), usual.until - 1);
		assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
		assert_int_equal(X509_get_key_usage(certificate),
				 KU_DIGITAL_SIGNATURE);
		assert_int_equal(X509_get_extended_key_usage(certificate),
				 XKU_SSL_CLIENT);
		assert_int_equal(X509_check_purpose(certificate,
						    X509_PURPOSE_SSL_CLIENT, 0),
				 1);
		assert_int_equal(X509_check_ca(certificate), 0);
		assert_true(X509_NAME_get_text_by_NID(
				    X509_get_subject_name(certificate),
				    NID_commonName, name, sizeof(name)) > 0);
		assert_string_equal(name, usual.name);
		X509_free(certificate);
		EVP_PKEY_free(pkey);
		key_new_release(&made);
		assert_null(made.key);
	}
}

static void the_p12_opens_with_its_password_alone(void **state)
{
	struct key_new made;
	struct error err;
	X509 *certificate, *inside = NULL;
	EVP_PKEY *pkey, *key_inside = NULL;
	const unsigned char *der;
	PKCS12 *p12;

	(void)state;
	assert_int_equal(key_new_make(&made, &usual, &err), 0);
	der = made.p12;
	p12 = d2i_PKCS12(NULL, &der, (long)made.p12_len);
	assert_non_null(p12);
	assert_ptr_equal(der, made.p12 + made.p12_len);
	assert_int_equal(PKCS12_verify_mac(p12, "", 0), 0);
	assert_int_equal(PKCS12_verify_mac(p12, "correct hors", -1), 0);
	assert_int_equal(
		PKCS12_parse(p12, usual.password, &key_inside, &inside, NULL),
		1);
	certificate = certificate_of(&made);
	pkey = key_of(&made);
	assert_int_equal(X509_cmp(certificate, inside), 0);
	assert_int_equal(EVP_PKEY_eq(pkey, key_inside), 1);
	PKCS12_free(p12);
	X509_free(certificate);
	X509_free(inside);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(key_inside);
	key_new_release(&made);
}

static void no_two_are_alike(void **state)
{
	struct key_new made[2];
	const BIGNUM *serial[2];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		X509 *certificate;

		assert_int_equal(key_new_make(&made[i], &usual, &err), 0);
		certificate = certificate_of(&made[i]);
		serial[i] = ASN1_INTEGER_to_BN(
			X509_get0_serialNumber(certificate), NULL);
		assert_false(BN_is_negative(serial[i]));
		assert_true(BN_num_bits(serial[i]) <= 128);
		/* All but one in 2^64. */
		assert_true(BN_num_bits(serial[i]) > 64);
		X509_free(certificate);
	}
	assert_int_not_equal(BN_cmp(serial[0], serial[1]), 0);
	assert_string_not_equal(made[0].key, made[1].key);
	assert_memory_not_equal(&made[0].public_key.fingerprint,
				&made[1].public_key.fingerprint,
				sizeof(struct fingerprint));
	for (i = 0; i < 2; i++) {
		BN_free((BIGNUM *)(uintptr_t)serial[i]);
		key_new_release(&made[i]);
	}
}

static void what_cannot_stand_in_a_certificate_is_refused(void **state)
{
	static const char letters64[] =
		"0123456789012345678901234567890123456789"
		"0123456789012345678901äß";
	static const struct {
		const char *name;
		const char *key_name;
		time_t until;
		const char *password;
		const char *reason; /* NULL: accepted */
	} cases[] = {
		{ "64 characters of more octets", letters64, NOW + 1, "x",
		  NULL },
		{ "65 characters",
		  "01234567890123456789012345678901234567890123456789012345678"
		  "901234",
		  NOW + 1, "x", "1 to 64 characters" },
		{ "no name", "", NOW + 1, "x", "1 to 64 characters" },
		{ "a control character", "a\nb", NOW + 1, "x",
		  "the key's name: octet 1" },
		{ "no UTF-8", "a\xff", NOW + 1, "x", "is not UTF-8" },
		{ "an end that has come", "a", NOW, "x",
		  "end date is over already" },
		{ "an empty password", "a", NOW + 1, "", "is empty" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct key_new_request request = usual;
		struct key_new made;
		struct error err;
		int result;

		print_message("%s\n", cases[i].name);
		request.name = cases[i].key_name;
		request.until = cases[i].until;
		request.password = cases[i].password;
		result = key_new_make(&made, &request, &err);
		if (cases[i].reason == NULL) {
			assert_int_equal(result, 0);
			key_new_release(&made);
		} else {
			assert_int_equal(result, -1);
			assert_non_null(strstr(err.text, cases[i].reason));
		}
	}
}

static void ten_years_on_is_the_same_day(void **state)
{
	static const struct {
		const char *name;
		time_t from;
		time_t until;
	} cases[] = {
		{ "2027-01-15T08:00:00Z", 1800000000, 2115619200 },
		{ "a leap day becomes 1 March", 1835395200, 2151014400 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(key_new_default_end(cases[i].from),
				 cases[i].until);
	}
}

static void passwords_are_five_groups_of_four(void **state)
{
	char *one = key_new_password(), *other = key_new_password();
	size_t i;

	(void)state;
	assert_int_equal(strlen(one), 24);
	for (i = 0; i < 24; i++) {
		if (i % 5 == 4)
			assert_int_equal(one[i], '-');
		else
			assert_non_null(strchr("abcdefghijkmnpqrstuvwxyz"
					       "23456789",
					       one[i]));
	}
	assert_string_not_equal(one, other);
	mem_wipe_string(&one);
	mem_wipe_string(&other);
}

struct folder {
	char path[32];
	char stem[48];
};

static int make_folder(void **state)
{
	struct folder *folder = mem_alloc(sizeof(*folder));

	(void)snprintf(folder->path, sizeof(folder->path),
		       "/tmp/key-new-test-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	(void)snprintf(folder->stem, sizeof(folder->stem), "%s/phone",
		       folder->path);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	key_new_remove(folder->stem);
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static int count_files(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	assert_int_equal(closedir(folder), 0);
	return count;
}

static void
check_mode(const struct folder *folder, const char *suffix, unsigned int mode)
{
	char *path = mem_printf("%s%s", folder->stem, suffix);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
	assert_true(status.st_size > 0);
	mem_free_string(&path);
}

static void files_are_readable_by_their_owner_alone(void **state)
{
	const struct folder *folder = *state;
	mode_t old = umask(0);
	struct key_new made;
	struct error err;

	assert_int_equal(key_new_make(&made, &usual, &err), 0);
	assert_int_equal(key_new_write(&made, folder->stem, &err), 0);
	(void)umask(old);
	check_mode(folder, ".key", 0600);
	check_mode(folder, ".crt", 0600);
	check_mode(folder, ".p12", 0600);
	key_new_remove(folder->stem);
	assert_int_equal(count_files(folder->path), 0);
	key_new_release(&made);
}

static void nothing_is_overwritten_and_nothing_left(void **state)
{
	static const char *const there[] = { ".key", ".crt", ".p12" };
	const struct folder *folder = *state;
	struct key_new made;
	struct error err;
	size_t i;

	assert_int_equal(key_new_make(&made, &usual, &err), 0);
	for (i = 0; i < ARRAY_SIZE(there); i++) {
		char *path = mem_printf("%s%s", folder->stem, there[i]);
		struct stat status;

		print_message("%s is there, and leads nowhere\n", there[i]);
		assert_int_equal(symlink("/nonexistent/x", path), 0);
		assert_int_equal(key_new_write(&made, folder->stem, &err), -1);
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, "is not overwritten"));
		assert_int_equal(count_files(folder->path), 1);
		assert_int_equal(lstat(path, &status), 0);
		assert_true(S_ISLNK(status.st_mode));
		assert_int_equal(unlink(path), 0);
		mem_free_string(&path);
	}
	key_new_release(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_makes_what_clients_offer),
		cmocka_unit_test(the_p12_opens_with_its_password_alone),
		cmocka_unit_test(no_two_are_alike),
		cmocka_unit_test(what_cannot_stand_in_a_certificate_is_refused),
		cmocka_unit_test(ten_years_on_is_the_same_day),
		cmocka_unit_test(passwords_are_five_groups_of_four),
		cmocka_unit_test_setup_teardown(
			files_are_readable_by_their_owner_alone, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(
			nothing_is_overwritten_and_nothing_left, make_folder,
			remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
