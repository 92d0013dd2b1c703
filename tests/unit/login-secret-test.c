#include "tests/unit/test.h"

#include "common/error.h"
#include "common/login-secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define HEX2 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SINCE "2026-11-22T15:00:00Z"
#define SINCE_TIME ((time_t)1795359600)

static int load(struct login_secrets *secrets, const char *text, mode_t mode,
		struct error *err)
{
	char path[] = "/tmp/login-secret-XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	result = login_secrets_load(secrets, path, err);
	if (result < 0)
		assert_ptr_equal(strstr(err->text, path), err->text);
	assert_int_equal(unlink(path), 0);
	return result;
}

static void sixty_four_digits_are_a_secret(void **state)
{
	struct login_secrets secrets, again;
	struct error err;
	unsigned int i;

	(void)state;
	assert_int_equal(load(&secrets, HEX "\n", 0600, &err), 0);
	assert_int_equal(secrets.count, 1);
	for (i = 0; i < LOGIN_SECRET_SIZE; i++)
		assert_int_equal(secrets.secret[0].key[i], i);
	assert_int_equal(load(&again, HEX, 0400, &err), 0);
	assert_memory_equal(&secrets, &again, sizeof(secrets));
}

static void another_secret_has_another_id(void **state)
{
	struct login_secrets secrets;
	struct error err;

	(void)state;
	assert_int_equal(
		load(&secrets, HEX "\n" HEX2 " " SINCE "\n", 0600, &err), 0);
	assert_int_equal(secrets.count, 2);
	assert_int_equal(strspn(secrets.secret[0].id, "0123456789abcdef"), 8);
	assert_string_not_equal(secrets.secret[0].id, secrets.secret[1].id);
	assert_int_equal(secrets.secret[1].since, SINCE_TIME);
}

static const struct {
	const char *name;
	time_t now;
	size_t signing;
	bool old_accepted;
} times[] = {
	{ "before", SINCE_TIME - 1, 0, true },
	{ "from then on", SINCE_TIME, 1, true },
	{ "in the overlap", SINCE_TIME + LOGIN_SECRET_OVERLAP, 1, true },
	{ "after it", SINCE_TIME + LOGIN_SECRET_OVERLAP + 1, 1, false },
};

static void the_new_one_signs_from_its_time_and_the_old_one_ends(void **state)
{
	struct login_secrets secrets;
	struct error err;
	size_t i;

	(void)state;
	assert_int_equal(
		login_secrets_parse(&secrets, HEX "\n" HEX2 " " SINCE, &err),
		0);
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		const time_t now = times[i].now;
		const struct login_secret *list = secrets.secret;

		if (login_secrets_signing(&secrets, now) !=
			    &list[times[i].signing] ||
		    login_secrets_accepted(&secrets, list[1].id, now) !=
			    &list[1] ||
		    login_secrets_accepted(&secrets, list[0].id, now) !=
			    (times[i].old_accepted ? &list[0] : NULL))
			fail_msg("%s", times[i].name);
	}
	assert_null(login_secrets_accepted(&secrets, "", SINCE_TIME));
	assert_null(login_secrets_accepted(&secrets, "00000000", SINCE_TIME));
	login_secrets_wipe(&secrets);
	assert_null(login_secrets_signing(&secrets, SINCE_TIME));
}

static const struct {
	const char *name, *text;
	mode_t mode;
	const char *reason;
} bad[] = {
	{ "an empty file", "", 0600, "64 hex digits" },
	{ "one digit too few", &HEX[1], 0600, "64 hex digits" },
	{ "one digit too many", HEX "0", 0600, "64 hex digits" },
	{ "two without a time", HEX "\n" HEX2 "\n", 0600, "later time" },
	{ "the same twice", HEX "\n" HEX " " SINCE, 0600, "twice" },
	{ "two of one time", HEX " " SINCE "\n" HEX2 " " SINCE, 0600,
	  "later time" },
	{ "a space and no time", HEX " ", 0600, "not a time" },
	{ "a time and more", HEX " " SINCE " ", 0600, "more than" },
	{ "another form of time", HEX " 2026-11-22", 0600, "not a time" },
	{ "two newlines", HEX "\n\n", 0600, "64 hex digits" },
	{ "more than fits", HEX HEX HEX HEX HEX HEX HEX HEX, 0600, "too long" },
	{ "a colon between",
	  "00:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
	  0600, "64 hex digits" },
	{ "readable by the group", HEX, 0640, "group or others" },
	{ "readable by all", HEX, 0604, "group or others" },
	{ "writable by all", HEX, 0602, "group or others" },
};

/* Octet by octet: what stands between the members is of the secrets too. */
static bool is_wiped(const struct login_secrets *secrets)
{
	const unsigned char *octets = (const unsigned char *)secrets;
	size_t i;

	for (i = 0; i < sizeof(*secrets); i++) {
		if (octets[i] != 0)
			return false;
	}
	return true;
}

static void anything_else_is_refused_and_leaves_nothing(void **state)
{
	struct login_secrets secrets;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (load(&secrets, bad[i].text, bad[i].mode, &err) == 0 ||
		    strstr(err.text, bad[i].reason) == NULL ||
		    !is_wiped(&secrets))
			fail_msg("%s: %s", bad[i].name, err.text);
	}
}

static void a_missing_file_a_folder_and_a_link_are_refused(void **state)
{
	char path[] = "/tmp/login-secret-link-XXXXXX";
	struct login_secrets secrets;
	struct error err;

	(void)state;
	assert_int_equal(login_secrets_load(&secrets, "/nonexistent", &err),
			 -1);
	assert_int_equal(login_secrets_load(&secrets, "/", &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
	assert_int_equal(symlink("/etc/passwd", "link"), 0);
	assert_int_equal(login_secrets_load(&secrets, "link", &err), -1);
	assert_int_equal(unlink("link"), 0);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixty_four_digits_are_a_secret),
		cmocka_unit_test(another_secret_has_another_id),
		cmocka_unit_test(
			the_new_one_signs_from_its_time_and_the_old_one_ends),
		cmocka_unit_test(anything_else_is_refused_and_leaves_nothing),
		cmocka_unit_test(
			a_missing_file_a_folder_and_a_link_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
