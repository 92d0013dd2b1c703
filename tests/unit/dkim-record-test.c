#include "tests/unit/test.h"

#include "admin/dkim-record.h"
#include "common/error.h"

#include <string.h>

#define RSA "v=DKIM1; k=rsa; h=sha256; p=QUJD"
#define ED25519 "v=DKIM1; k=ed25519; h=sha256; p=QUJD"

static void a_record_that_verifiers_take_for_the_keys_is_right(void **state)
{
	static const struct {
		const char *name;
		const char *wanted;
		const char *found;
		bool testing, strict;
	} cases[] = {
		{ "as it is printed", RSA, RSA, false, false },
		{ "of the other algorithm", ED25519, ED25519, false, false },
		{ "p= alone, which means rsa", RSA, "p=QUJD", false, false },
		{ "white space within", RSA, " v = DKIM1 ;\tp = Q U\r\n JD ; ",
		  false, false },
		{ "empty tags", RSA, ";;p=QUJD;;", false, false },
		{ "tags that nobody knows", RSA, "v=DKIM1;x=1;xp=2;p=QUJD;g=*",
		  false, false },
		{ "notes", RSA, "n=our key, p is below; p=QUJD", false, false },
		{ "for e-mail among others", RSA, "s=x:email; p=QUJD", false,
		  false },
		{ "for everything", RSA, "s=*; p=QUJD", false, false },
		{ "more hashes than sha256", RSA, "h=sha1 : sha256; p=QUJD",
		  false, false },
		{ "in testing", RSA, "t=y; p=QUJD", true, false },
		{ "strict", RSA, "t=s; p=QUJD", false, true },
		{ "both", RSA, "t= s : y ; p=QUJD", true, true },
		{ "a flag that nobody knows", RSA, "t=yes; p=QUJD", false,
		  false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dkim_record_flags flags = { .testing = true };
		struct error err = { .text = "" };

		print_message("%s\n", cases[i].name);
		if (dkim_record_compare(&flags, cases[i].found, cases[i].wanted,
					&err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(flags.testing, cases[i].testing);
		assert_int_equal(flags.strict, cases[i].strict);
	}
}

static void what_verifiers_take_for_another_is_wrong_and_why(void **state)
{
	static const struct {
		const char *name;
		const char *wanted;
		const char *found;
		const char *reason;
	} cases[] = {
		{ "nothing", RSA, "", "has no p=" },
		{ "another thing", RSA, "v=spf1 -all",
		  "is of another version" },
		{ "another key", RSA, "p=QUJE", "is not this key's" },
		{ "more key", RSA, "p=QUJDD", "is not this key's" },
		{ "less key", RSA, "p=QUJ", "is not this key's" },
		{ "a revoked key", RSA,
		  "v=DKIM1; p=", "is that of a revoked key" },
		{ "an ed25519 record that is parsed as rsa", ED25519,
		  "v=DKIM1; p=QUJD",
		  "is taken for one of type rsa, while this key's is ed25519" },
		{ "an rsa record that says ed25519", RSA, "k=ed25519; p=QUJD",
		  "is taken for one of type ed25519, while this key's is rsa" },
		{ "a type in capitals", RSA, "k=RSA; p=QUJD",
		  "is taken for one of type RSA" },
		{ "sha1 alone", RSA, "h=sha1; p=QUJD",
		  "does not allow sha256 (h=)" },
		{ "for something else", RSA, "s=tlsrpt; p=QUJD",
		  "is not for e-mail (s=)" },
		{ "two keys", RSA, "p=QUJD; p=QUJE", "has p= twice" },
		{ "two types", RSA, "k=rsa;k=rsa;p=QUJD", "has k= twice" },
		{ "another version", RSA, "v=DKIM2; p=QUJD",
		  "is of another version than DKIM1" },
		{ "a version in small letters", RSA, "v=dkim1; p=QUJD",
		  "is of another version" },
		{ "a version behind something", RSA, "p=QUJD; v=DKIM1",
		  "does not begin with its v=" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dkim_record_flags flags;
		struct error err;

		print_message("%s\n", cases[i].name);
		assert_int_equal(dkim_record_compare(&flags, cases[i].found,
						     cases[i].wanted, &err),
				 -1);
		if (strstr(err.text, cases[i].reason) != err.text)
			fail_msg("%s", err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_record_that_verifiers_take_for_the_keys_is_right),
		cmocka_unit_test(
			what_verifiers_take_for_another_is_wrong_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
