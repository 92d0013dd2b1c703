#include "tests/unit/test.h"

#include "common/domain-rules.h"
#include "common/mem.h"

#include <string.h>

#define NAMES (4 * DOMAIN_RULES_SLOTS)

static struct domain_rules_cache cache;

static char *name_of(int number)
{
	return mem_printf("d%d.example.org", number);
}

static void put(int number)
{
	const struct address_rules rules = { .delimiters = "+",
					     .case_sensitive = number % 2 };
	char *name = name_of(number);
	char *target = mem_printf("target.%s", name);

	(void)domain_rules_put(&cache, name, target, &rules);
	mem_free_string(&name);
	mem_free_string(&target);
}

/* Itself or nothing. */
static bool has(int number)
{
	char *name = name_of(number);
	char *target = mem_printf("target.%s", name);
	const struct domain_rules *found = domain_rules_find(&cache, name);

	if (found != NULL) {
		assert_string_equal(found->name, name);
		assert_string_equal(found->target, target);
		assert_string_equal(found->rules.delimiters, "+");
		assert_int_equal(found->rules.case_sensitive, number % 2);
	}
	mem_free_string(&name);
	mem_free_string(&target);
	return found != NULL;
}

static void domains_that_share_a_slot_are_told_apart(void **state)
{
	int i, there = 0;

	(void)state;
	for (i = 0; i < NAMES; i++) {
		assert_false(has(i));
		put(i);
		assert_true(has(i));
	}
	for (i = 0; i < NAMES; i++)
		there += has(i);
	assert_in_range(there, DOMAIN_RULES_SLOTS / 2, DOMAIN_RULES_SLOTS);
	domain_rules_clear(&cache);
}

static void after_it_is_cleared_nothing_is_there(void **state)
{
	(void)state;
	put(1);
	put(1);
	assert_true(has(1));
	domain_rules_clear(&cache);
	assert_false(has(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_that_share_a_slot_are_told_apart),
		cmocka_unit_test(after_it_is_cleared_nothing_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
