#include "tests/unit/test.h"

#include "common/mem.h"
#include "common/recent.h"

#include <stdbool.h>
#include <stdlib.h>

#define NAMES (4 * RECENT_SLOTS)

static struct recent recent;
static int released;

static void release(void *value)
{
	released++;
	free(value);
}

static int set_up(void **state)
{
	(void)state;
	released = 0;
	recent_init(&recent, release);
	return 0;
}

static char *name_of(int number)
{
	return mem_printf("d%d.example.org", number);
}

static void put(int number)
{
	int *value = mem_alloc(sizeof(*value));
	char *name = name_of(number);

	*value = number;
	recent_put(&recent, name, value);
	mem_free_string(&name);
}

/* Itself or nothing. */
static bool has(int number)
{
	char *name = name_of(number);
	const int *found = recent_find(&recent, name);

	if (found != NULL)
		assert_int_equal(*found, number);
	mem_free_string(&name);
	return found != NULL;
}

static void names_that_share_a_slot_are_told_apart(void **state)
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
	assert_in_range(there, RECENT_SLOTS / 2, RECENT_SLOTS);
	assert_int_equal(released, NAMES - there);
	recent_clear(&recent);
	assert_int_equal(released, NAMES);
}

static void after_it_is_cleared_nothing_is_there(void **state)
{
	(void)state;
	put(1);
	put(1);
	assert_int_equal(released, 1);
	assert_true(has(1));
	recent_clear(&recent);
	assert_int_equal(released, 2);
	assert_false(has(1));
	recent_clear(&recent);
	assert_int_equal(released, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_that_share_a_slot_are_told_apart,
				       set_up),
		cmocka_unit_test_setup(after_it_is_cleared_nothing_is_there,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
