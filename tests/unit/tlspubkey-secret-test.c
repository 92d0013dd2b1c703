#include "tests/unit/test.h"

#include "common/error.h"
#include "dovecot-auth-tlspubkey/tlspubkey-secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static int load(struct tlspubkey_secret *secret, const char *text, mode_t mode,
		struct error *err)
{
	char path[] = "/tmp/tlspubkey-secret-XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	result = tlspubkey_secret_load(secret, path, err);
	if (result < 0)
		assert_ptr_equal(strstr(err->text, path), err->text);
	assert_int_equal(unlink(path), 0);
	return result;
}

static void sixty_four_digits_are_a_secret(void **state)
{
	struct tlspubkey_secret secret, again;
	struct error err;
	unsigned int i;

	(void)state;
	assert_int_equal(load(&secret, HEX "\n", 0600, &err), 0);
	for (i = 0; i < TLSPUBKEY_SECRET_SIZE; i++)
		assert_int_equal(secret.key[i], i);
	assert_int_equal(load(&again, HEX, 0400, &err), 0);
	assert_memory_equal(&secret, &again, sizeof(secret));
}

static void another_secret_has_another_id(void **state)
{
	struct tlspubkey_secret secret, other;
	struct error err;

	(void)state;
	assert_int_equal(load(&secret, HEX, 0600, &err), 0);
	assert_int_equal(strspn(secret.id, "0123456789abcdef"), 8);
	assert_int_equal(load(&other,
			      "ff0102030405060708090a0b0c0d0e0f"
			      "101112131415161718191a1b1c1d1e1f",
			      0600, &err),
			 0);
	assert_string_not_equal(secret.id, other.id);
}

static const struct {
	const char *name, *text;
	mode_t mode;
	const char *reason;
} bad[] = {
	{ "an empty file", "", 0600, "64 hex digits" },
	{ "one digit too few", &HEX[1], 0600, "64 hex digits" },
	{ "one digit too many", HEX "0", 0600, "64 hex digits" },
	{ "two lines", HEX "\n" HEX "\n", 0600, "64 hex digits" },
	{ "two newlines", HEX "\n\n", 0600, "64 hex digits" },
	{ "a colon between",
	  "00:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
	  0600, "64 hex digits" },
	{ "readable by the group", HEX, 0640, "group or others" },
	{ "readable by all", HEX, 0604, "group or others" },
	{ "writable by all", HEX, 0602, "group or others" },
};

static void anything_else_is_refused_and_leaves_nothing(void **state)
{
	static const struct tlspubkey_secret nothing;
	struct tlspubkey_secret secret;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (load(&secret, bad[i].text, bad[i].mode, &err) == 0 ||
		    strstr(err.text, bad[i].reason) == NULL ||
		    memcmp(&secret, &nothing, sizeof(secret)) != 0)
			fail_msg("%s", bad[i].name);
	}
}

static void a_missing_file_a_folder_and_a_link_are_refused(void **state)
{
	char path[] = "/tmp/tlspubkey-link-XXXXXX";
	struct tlspubkey_secret secret;
	struct error err;

	(void)state;
	assert_int_equal(tlspubkey_secret_load(&secret, "/nonexistent", &err),
			 -1);
	assert_int_equal(tlspubkey_secret_load(&secret, "/", &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
	assert_int_equal(symlink("/etc/passwd", "link"), 0);
	assert_int_equal(tlspubkey_secret_load(&secret, "link", &err), -1);
	assert_int_equal(unlink("link"), 0);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixty_four_digits_are_a_secret),
		cmocka_unit_test(another_secret_has_another_id),
		cmocka_unit_test(anything_else_is_refused_and_leaves_nothing),
		cmocka_unit_test(
			a_missing_file_a_folder_and_a_link_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
