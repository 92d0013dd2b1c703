#include "tests/unit/test.h"

#include "admin/dkim-life.h"

#define DAY 86400
#define NOW (1000 * DAY)

static const struct dkim_terms terms = {
	.every = 90 * DAY,
	.within = 3 * DAY,
	.queue = 5 * DAY,
};

static void what_comes_next_and_when(void **state)
{
	static const struct {
		const char *name;
		enum dkim_state state;
		uint32_t ttl;
		enum dkim_step next;
		time_t due; /* after since; 0: not said */
	} cases[] = {
		{ "a pending key waits for its record", DKIM_PENDING, 3600,
		  DKIM_STEP_ACTIVATE, 0 },
		{ "an active key is replaced when it is old", DKIM_ACTIVE, 3600,
		  DKIM_STEP_REPLACE, 90 * DAY },
		{ "a retired key stays a day, while mail waits, and its TTL",
		  DKIM_RETIRED, 3600, DKIM_STEP_REMOVE, 6 * DAY + 3600 },
		{ "a TTL not seen is a day", DKIM_RETIRED, 0, DKIM_STEP_REMOVE,
		  7 * DAY },
		{ "no cache keeps it longer than a week", DKIM_RETIRED,
		  INT32_MAX, DKIM_STEP_REMOVE, 13 * DAY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dkim_table_entry entry = {
			.state = cases[i].state,
			.since = NOW,
			.ttl = cases[i].ttl,
		};
		time_t due;

		print_message("%s\n", cases[i].name);
		assert_int_equal(dkim_life_next(&due, &entry, &terms),
				 cases[i].next);
		assert_int_equal(due,
				 cases[i].due > 0 ? NOW + cases[i].due : 0);
		assert_int_equal(
			dkim_life_is_over(&entry, &terms, NOW + cases[i].due),
			cases[i].state == DKIM_RETIRED);
		assert_false(dkim_life_is_over(&entry, &terms,
					       NOW + cases[i].due - 1));
	}
}

static void a_state_that_stays_has_its_beginning(void **state)
{
	struct dkim_table_entry entry = { .state = DKIM_ACTIVE, .since = NOW };

	(void)state;
	dkim_life_begin(&entry, DKIM_ACTIVE, NOW + 1);
	assert_int_equal(entry.since, NOW);
	dkim_life_begin(&entry, DKIM_RETIRED, NOW + 1);
	assert_int_equal(entry.state, DKIM_RETIRED);
	assert_int_equal(entry.since, NOW + 1);
}

static void the_longest_ttl_counts(void **state)
{
	struct dkim_table_entry entry = { .ttl = 0 };

	(void)state;
	dkim_life_see_ttl(&entry, 3600);
	dkim_life_see_ttl(&entry, 12);
	assert_int_equal(entry.ttl, 3600);
}

static void of_several_pending_keys_the_newest_counts(void **state)
{
	static struct dkim_table_entry entries[] = {
		{ .algorithm = DKIM_RSA_SHA256,
		  .state = DKIM_PENDING,
		  .since = NOW - 2 },
		{ .algorithm = DKIM_RSA_SHA256,
		  .state = DKIM_ACTIVE,
		  .since = NOW },
		{ .algorithm = DKIM_RSA_SHA256,
		  .state = DKIM_PENDING,
		  .since = NOW + 2 },
		{ .algorithm = DKIM_RSA_SHA256,
		  .state = DKIM_PENDING,
		  .since = NOW + 1 },
		{ .algorithm = DKIM_RSA_SHA256,
		  .state = DKIM_RETIRED,
		  .since = NOW + 3 },
		{ .algorithm = DKIM_ED25519_SHA256,
		  .state = DKIM_PENDING,
		  .since = NOW - 2 },
	};
	static const size_t all[] = { 0, 1, 2, 3, 4, 5 };
	const struct dkim_table table = { .entries = entries, .count = 6 };
	struct dkim_table_entry *active, *pending;

	(void)state;
	dkim_life_choose(&active, &pending, &table, all, 6, DKIM_RSA_SHA256);
	assert_ptr_equal(active, &entries[1]);
	assert_ptr_equal(pending, &entries[2]);
	/* One that is older than what signs was passed over on purpose. */
	dkim_life_choose(&active, &pending, &table, all, 2, DKIM_RSA_SHA256);
	assert_ptr_equal(active, &entries[1]);
	assert_null(pending);
	dkim_life_choose(&active, &pending, &table, all, 1, DKIM_RSA_SHA256);
	assert_null(active);
	assert_ptr_equal(pending, &entries[0]);
	dkim_life_choose(&active, &pending, &table, all, 6,
			 DKIM_ED25519_SHA256);
	assert_null(active);
	assert_ptr_equal(pending, &entries[5]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_next_and_when),
		cmocka_unit_test(a_state_that_stays_has_its_beginning),
		cmocka_unit_test(the_longest_ttl_counts),
		cmocka_unit_test(of_several_pending_keys_the_newest_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
