#include "tests/unit/test.h"

#include "admin/kick.h"

static void a_name_that_doveadm_takes_for_many_is_not_exact(void **state)
{
	static const struct {
		const char *name;
		bool exact;
	} cases[] = {
		{ "anna", true },
		{ "anna@example.org", true },
		{ "-a", true },
		{ "12345", true },
		{ "a.b.c.d", true },
		{ "192.0.2.1.5", true },
		{ "192.0.2.256", true },
		{ "\303\244rger", true },
		{ "[192.0.2.1]", true },

		{ "*", false },
		{ "ann?", false },
		{ "*@example.org", false },
		{ "192.0.2.1", false },
		{ "192.513", false },
		{ "0300.0.2.1", false },
		{ "0xc0000201", false },
		{ "0x1", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (kick_is_exact(cases[i].name) != cases[i].exact)
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_name_that_doveadm_takes_for_many_is_not_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
