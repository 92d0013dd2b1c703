#include "tests/unit/test.h"

#include "admin/secret-rotation.h"
#include "common/error.h"

#include <string.h>
#include <sysexits.h>

#define OLD "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define NEW "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define NOW ((time_t)1795359600) /* 2026-11-22T15:00:00Z */

static const unsigned char key[LOGIN_SECRET_SIZE] = {
	0xff, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
	16,   17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
};

/* Another one: of 64 times the same digit. */
#define OTHER(digit)                                                           \
	digit digit digit digit digit digit digit digit digit digit digit      \
		digit digit digit digit digit
#define ONE OTHER("1111")
#define TWO OTHER("2222")
#define THREE OTHER("3333")

static const struct {
	const char *name, *before, *after;
} added[] = {
	{ "the first rotation", OLD "\n",
	  OLD "\n" NEW " 2026-11-22T15:01:00Z\n" },
	{ "what is accepted to this second stays",
	  ONE "\n" OLD " 2026-11-22T14:50:00Z\n",
	  ONE "\n" OLD " 2026-11-22T14:50:00Z\n" NEW
	      " 2026-11-22T15:01:00Z\n" },
	{ "what has ended goes", ONE "\n" OLD " 2026-11-22T14:49:59Z\n",
	  OLD " 2026-11-22T14:49:59Z\n" NEW " 2026-11-22T15:01:00Z\n" },
};

static void parse(struct login_secrets *secrets, const char *text)
{
	struct error err;

	if (login_secrets_parse(secrets, text, &err) < 0)
		fail_msg("%s", err.text);
}

static int
add(char text_r[SECRET_ROTATION_SIZE], const char *before, struct error *err_r)
{
	struct login_secrets secrets;

	parse(&secrets, before);
	return secret_rotation_add(text_r, &secrets, key, NOW + 60, NOW, err_r);
}

static void a_new_one_is_put_behind_those_that_are_good(void **state)
{
	char text[SECRET_ROTATION_SIZE];
	struct login_secrets secrets;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(added); i++) {
		if (add(text, added[i].before, &err) < 0)
			fail_msg("%s: %s", added[i].name, err.text);
		if (strcmp(text, added[i].after) != 0)
			fail_msg("%s: %s", added[i].name, text);
		parse(&secrets, text);
		/* Nothing changes before its time. */
		assert_memory_not_equal(
			login_secrets_signing(&secrets, NOW + 59)->key, key,
			sizeof(key));
		assert_memory_equal(
			login_secrets_signing(&secrets, NOW + 60)->key, key,
			sizeof(key));
	}
}

static const struct {
	const char *name, *before, *until;
} refused[] = {
	{ "one is to sign yet", ONE "\n" OLD " 2026-11-22T15:00:01Z\n",
	  "2026-11-22T15:00:01Z" },
	{ "four are in use",
	  ONE "\n" TWO " 2026-11-22T14:52:00Z\n" THREE
	      " 2026-11-22T14:53:00Z\n" OLD " 2026-11-22T14:54:00Z\n",
	  "2026-11-22T15:02:00Z" },
};

static void too_many_at_a_time_are_refused_with_the_time_to_wait(void **state)
{
	char text[SECRET_ROTATION_SIZE];
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (add(text, refused[i].before, &err) == 0 ||
		    err.sysexit != EX_TEMPFAIL ||
		    strstr(err.text, refused[i].until) == NULL)
			fail_msg("%s: %s", refused[i].name, err.text);
	}
}

static void alone_it_is_the_only_one(void **state)
{
	char text[SECRET_ROTATION_SIZE];

	(void)state;
	secret_rotation_alone(text, key);
	assert_string_equal(text, NEW "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_is_put_behind_those_that_are_good),
		cmocka_unit_test(
			too_many_at_a_time_are_refused_with_the_time_to_wait),
		cmocka_unit_test(alone_it_is_the_only_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
