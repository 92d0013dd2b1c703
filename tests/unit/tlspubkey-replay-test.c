#include "tests/unit/test.h"

#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

#define NOW ((time_t)1800000000)
#define SECONDS ((time_t)65)

static void a_value_is_new_once(void **state)
{
	struct tlspubkey_replay *replay =
		tlspubkey_replay_new((unsigned int)SECONDS, 10);

	(void)state;
	assert_int_equal(tlspubkey_replay_see(replay, 7, NOW),
			 TLSPUBKEY_REPLAY_NEW);
	assert_int_equal(tlspubkey_replay_see(replay, 7, NOW),
			 TLSPUBKEY_REPLAY_SEEN);
	assert_int_equal(tlspubkey_replay_see(replay, 0, NOW),
			 TLSPUBKEY_REPLAY_NEW);
	assert_int_equal(tlspubkey_replay_see(replay, 0, NOW),
			 TLSPUBKEY_REPLAY_SEEN);
	tlspubkey_replay_free(&replay);
	assert_null(replay);
}

/* Whenever in a set's life the value came. */
static void a_value_is_remembered_for_its_time(void **state)
{
	time_t offset;

	(void)state;
	for (offset = 0; offset <= 2 * SECONDS; offset++) {
		struct tlspubkey_replay *replay =
			tlspubkey_replay_new((unsigned int)SECONDS, 10);

		(void)tlspubkey_replay_see(replay, 1, NOW);
		(void)tlspubkey_replay_see(replay, 2, NOW + offset);
		assert_int_equal(tlspubkey_replay_see(
					 replay, 2, NOW + offset + SECONDS - 1),
				 TLSPUBKEY_REPLAY_SEEN);
		tlspubkey_replay_free(&replay);
	}
}

static void a_value_is_forgotten_in_the_end(void **state)
{
	struct tlspubkey_replay *replay =
		tlspubkey_replay_new((unsigned int)SECONDS, 10);

	(void)state;
	(void)tlspubkey_replay_see(replay, 7, NOW);
	assert_int_equal(tlspubkey_replay_see(replay, 7, NOW + 2 * SECONDS),
			 TLSPUBKEY_REPLAY_NEW);
	tlspubkey_replay_free(&replay);
}

static void when_full_it_says_so_and_forgets_nothing(void **state)
{
	struct tlspubkey_replay *replay =
		tlspubkey_replay_new((unsigned int)SECONDS, 3);
	uint64_t value;

	(void)state;
	for (value = 1; value <= 3; value++)
		assert_int_equal(tlspubkey_replay_see(replay, value, NOW),
				 TLSPUBKEY_REPLAY_NEW);
	assert_int_equal(tlspubkey_replay_see(replay, 4, NOW),
			 TLSPUBKEY_REPLAY_FULL);
	for (value = 1; value <= 3; value++)
		assert_int_equal(tlspubkey_replay_see(replay, value, NOW),
				 TLSPUBKEY_REPLAY_SEEN);
	assert_int_equal(tlspubkey_replay_see(replay, 4, NOW + SECONDS),
			 TLSPUBKEY_REPLAY_NEW);
	tlspubkey_replay_free(&replay);
}

static void many_values_that_meet_in_one_slot_stay_apart(void **state)
{
	struct tlspubkey_replay *replay =
		tlspubkey_replay_new((unsigned int)SECONDS, 1 << 15);
	uint64_t value;

	(void)state;
	for (value = 1; value <= 5000; value++)
		assert_int_equal(tlspubkey_replay_see(replay, value << 16, NOW),
				 TLSPUBKEY_REPLAY_NEW);
	for (value = 1; value <= 5000; value++)
		assert_int_equal(tlspubkey_replay_see(replay, value << 16, NOW),
				 TLSPUBKEY_REPLAY_SEEN);
	tlspubkey_replay_free(&replay);
}

static void a_clock_set_back_does_not_stop_forgetting(void **state)
{
	struct tlspubkey_replay *replay =
		tlspubkey_replay_new((unsigned int)SECONDS, 1);
	const time_t back = NOW - 86400;

	(void)state;
	(void)tlspubkey_replay_see(replay, 1, NOW);
	assert_int_equal(tlspubkey_replay_see(replay, 2, back),
			 TLSPUBKEY_REPLAY_FULL);
	assert_int_equal(tlspubkey_replay_see(replay, 2, back + SECONDS),
			 TLSPUBKEY_REPLAY_NEW);
	tlspubkey_replay_free(&replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_new_once),
		cmocka_unit_test(a_value_is_remembered_for_its_time),
		cmocka_unit_test(a_value_is_forgotten_in_the_end),
		cmocka_unit_test(when_full_it_says_so_and_forgets_nothing),
		cmocka_unit_test(many_values_that_meet_in_one_slot_stay_apart),
		cmocka_unit_test(a_clock_set_back_does_not_stop_forgetting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
