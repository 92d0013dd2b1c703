#include "tests/unit/test.h"

#include "admin/duration.h"
#include "common/error.h"

static void times_are_read_as_postfix_writes_them(void **state)
{
	static const struct {
		const char *text;
		long seconds; /* -1: refused */
	} cases[] = {
		{ "90d", 7776000 },
		{ "5", 432000 },
		{ "0", 0 },
		{ "1s", 1 },
		{ "2m", 120 },
		{ "36h", 129600 },
		{ "1w", 604800 },
		{ "36600d", 3162240000 },
		{ "36601d", -1 },
		{ "", -1 },
		{ "d", -1 },
		{ "-1d", -1 },
		{ " 1d", -1 },
		{ "1y", -1 },
		{ "1dd", -1 },
		{ "1 d", -1 },
		{ "99999999999999999999", -1 },
		{ "9223372036854775807w", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		time_t seconds = -1;
		struct error err;

		print_message("%s\n", cases[i].text);
		assert_int_equal(duration_parse(&seconds, cases[i].text,
						DURATION_DAY, &err),
				 cases[i].seconds < 0 ? -1 : 0);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_as_postfix_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
