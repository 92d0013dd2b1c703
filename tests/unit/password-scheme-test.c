#include "tests/unit/test.h"

#include "admin/password-scheme.h"
#include "common/error.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *hash;
	const char *reason; /* NULL: it may be kept */
} hashes[] = {
	{ "yescrypt", "{CRYPT}$y$j9T$salt$hash", NULL },
	{ "Argon2", "{ARGON2ID}$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA",
	  NULL },
	{ "a salted SHA-256", "{SSHA256}c2FsdA==", NULL },
	{ "in small letters", "{sha512-crypt}$6$salt$hash", NULL },
	{ "with an encoding", "{SSHA512.HEX}00ff", NULL },
	{ "with another", "{PLAIN-MD5.b64}AA==", NULL },
	{ "with braces in the hash", "{CRYPT}a}b{c", NULL },
	{ "with an encoding that is none", "{SSHA.ROT13}x", "not a scheme" },
	{ "with an empty encoding", "{SSHA.}x", "not a scheme" },
	{ "plain text", "{PLAIN}secret", "plain text" },
	{ "plain text, encoded", "{plain.b64}c2VjcmV0", "plain text" },
	{ "plain text by another name", "{CLEARTEXT}secret", "plain text" },
	{ "an unknown scheme", "{FOO}x", "\"FOO\" is not a scheme" },
	{ "an empty scheme", "{}x", "\"\" is not a scheme" },
	{ "no scheme", "$y$j9T$salt$hash", "does not begin with its scheme" },
	{ "a scheme that does not end", "{CRYPT", "does not begin with" },
	{ "nothing", "", "does not begin with its scheme" },
	{ "nothing behind the scheme", "{CRYPT}", "nothing stands behind" },
	{ "another field behind it", "{CRYPT}x:0", "can't be in a password" },
	{ "a space", "{CRYPT}x y", "can't be in a password" },
	{ "an umlaut", "{CRYPT}\xc3\xb6", "can't be in a password" },
};

static void only_what_dovecot_verifies_and_is_a_hash_is_kept(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		struct error err = { .text = "" };

		(void)printf("%s\n", hashes[i].name);
		assert_int_equal(password_hash_check(hashes[i].hash, &err),
				 hashes[i].reason == NULL ? 0 : -1);
		if (hashes[i].reason != NULL)
			assert_non_null(strstr(err.text, hashes[i].reason));
	}
}

static void a_refusal_does_not_show_the_password(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(password_hash_check("{PLAIN}secret", &err), -1);
	assert_null(strstr(err.text, "secret"));
	assert_int_equal(password_hash_check("secret", &err), -1);
	assert_null(strstr(err.text, "secret"));
	assert_int_equal(password_hash_check("{CRYPT}secret:", &err), -1);
	assert_null(strstr(err.text, "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			only_what_dovecot_verifies_and_is_a_hash_is_kept),
		cmocka_unit_test(a_refusal_does_not_show_the_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
