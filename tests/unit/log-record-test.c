#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/log-record.h"

static void a_record_is_a_line_of_its_pairs_in_their_order(void **state)
{
	struct log_record record = LOG_RECORD_INIT;
	struct buffer line = BUFFER_INIT;

	(void)state;
	log_record_add(&record, "queue_id", "4X");
	log_record_add(&record, "mail_from", "");
	log_record_add_if_any(&record, "account", "");
	log_record_add_if_any(&record, "field", NULL);
	log_record_add_if_any(&record, "reason", "neither its own");
	log_record_format(&record, &line);
	assert_string_equal(buffer_string(&line), "queue_id=4X mail_from=\"\" "
						  "reason=\"neither its own\"");
	buffer_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_record_is_a_line_of_its_pairs_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
