#include "tests/unit/test.h"

#include "common/mem.h"
#include "milter-dkim/verify-report.h"
#include "milter-dkim/verify-signature.h"

static char domain[] = "example.org", selector[] = "s",
	    identity[] = "@example.org", b[] = "abcdefghijkl",
	    like_b[] = "abcdefghiXkl", short_b[] = "abc/";

#define RSA                                                                    \
	{                                                                      \
		.domain = domain, .selector = selector, .identity = identity,  \
		.algorithm_name = "rsa-sha256", .b = b, .result = VERIFY_PASS  \
	}

static void check(const struct verify_signature *signatures, size_t count,
		  size_t unread, const char *expected,
		  const char *expected_short)
{
	char *text = verify_report("mx.example.org", signatures, count, unread);

	assert_string_equal(text, expected);
	mem_free_string(&text);
	text = verify_report_short(signatures, count, unread);
	assert_string_equal(text, expected_short);
	mem_free_string(&text);
}

static void a_message_without_signatures_has_none(void **state)
{
	(void)state;
	check(NULL, 0, 0, " mx.example.org; dkim=none", "none");
}

static void each_signature_has_its_result_and_properties(void **state)
{
	struct verify_signature signatures[2] = { RSA, RSA };

	(void)state;
	signatures[1] = (struct verify_signature){
		.result = VERIFY_NEUTRAL,
		.reason = "a \"quoted\" reason",
	};
	check(signatures, 2, 0,
	      " mx.example.org;\n\tdkim=pass\n\t header.d=example.org\n\t "
	      "header.i=@example.org\n\t header.s=s header.a=rsa-sha256 "
	      "header.b=abcdefgh;\n\tdkim=neutral reason=\"a \\\"quoted\\\" "
	      "reason\"",
	      "pass d=example.org s=s, neutral (a \"quoted\" reason)");
}

static void signatures_that_begin_alike_are_told_apart(void **state)
{
	struct verify_signature signatures[3] = { RSA, RSA, RSA };

	(void)state;
	signatures[0].domain = signatures[1].domain = signatures[2].domain =
		signatures[0].identity = signatures[1].identity =
			signatures[2].identity = NULL;
	signatures[0].algorithm_name = signatures[1].algorithm_name =
		signatures[2].algorithm_name = NULL;
	signatures[1].b = like_b;
	signatures[2].b = short_b;
	check(signatures, 3, 0,
	      " mx.example.org;\n\tdkim=pass\n\t header.s=s "
	      "header.b=abcdefghij;\n\tdkim=pass\n\t header.s=s "
	      "header.b=abcdefghiX;\n\tdkim=pass\n\t header.s=s "
	      "header.b=\"abc/\"",
	      "pass, pass, pass");
}

static void what_was_not_looked_at_is_counted(void **state)
{
	struct verify_signature signature = RSA;

	(void)state;
	check(&signature, 1, 7,
	      " mx.example.org;\n\tdkim=pass\n\t header.d=example.org\n\t "
	      "header.i=@example.org\n\t header.s=s header.a=rsa-sha256 "
	      "header.b=abcdefgh;\n\tdkim=neutral reason=\"7 more signatures "
	      "were not looked at\"",
	      "pass d=example.org s=s, 7 not looked at");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_signatures_has_none),
		cmocka_unit_test(each_signature_has_its_result_and_properties),
		cmocka_unit_test(signatures_that_begin_alike_are_told_apart),
		cmocka_unit_test(what_was_not_looked_at_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
