#include "tests/unit/test.h"

#include "common/shared.h"

#include <stdbool.h>

struct thing {
	struct shared shared;
	bool freed;
};

static void note_freed(struct shared *shared)
{
	struct thing *thing = (struct thing *)shared;

	assert_false(thing->freed);
	thing->freed = true;
}

static void a_thing_is_freed_by_its_last_holder(void **state)
{
	struct shared_place place = SHARED_PLACE_INIT;
	struct thing old = { .freed = false }, new = { .freed = false };

	(void)state;
	shared_init(&old.shared, note_freed);
	shared_init(&new.shared, note_freed);
	shared_place_put(&place, &old.shared);
	assert_ptr_equal(shared_place_hold(&place), &old);

	/* A reload: who holds the old one keeps it. */
	shared_place_put(&place, &new.shared);
	assert_ptr_equal(shared_place_hold(&place), &new);
	assert_false(old.freed);
	shared_release(&old.shared);
	assert_true(old.freed);

	shared_release(&new.shared);
	assert_false(new.freed);
	shared_place_put(&place, NULL);
	assert_true(new.freed);
	shared_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thing_is_freed_by_its_last_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
