#include "tests/unit/test.h"

#include "common/field-list.h"

static struct field_list list_of(size_t count_max, size_t octets_max)
{
	return (struct field_list){ .count_max = count_max,
				    .octets_max = octets_max };
}

static void fields_are_kept_in_order_and_are_copies(void **state)
{
	struct field_list list = list_of(3, 100);
	char name[] = "From", value[] = " anna";

	(void)state;
	field_list_add(&list, name, value);
	name[0] = value[1] = '?';
	field_list_add(&list, "Subject", "");
	assert_int_equal(list.count, 2);
	assert_string_equal(list.fields[0].name, "From");
	assert_string_equal(list.fields[0].value, " anna");
	assert_int_equal(list.fields[0].value_len, 5);
	assert_string_equal(list.fields[1].name, "Subject");
	assert_int_equal(list.fields[1].value_len, 0);
	assert_false(list.too_much);
	field_list_clear(&list);
}

static void one_field_more_than_the_bound_is_too_much(void **state)
{
	struct field_list list = list_of(2, 100);

	(void)state;
	field_list_add(&list, "A", "1");
	field_list_add(&list, "B", "2");
	assert_false(list.too_much);
	field_list_add(&list, "C", "3");
	assert_true(list.too_much);
	assert_int_equal(list.count, 2);
	field_list_clear(&list);
}

static void octets_over_the_bound_are_too_much_for_good(void **state)
{
	struct field_list list = list_of(10, 8);

	(void)state;
	field_list_add(&list, "A", "123456");
	assert_false(list.too_much);
	field_list_add(&list, "B", "");
	assert_true(list.too_much);
	assert_int_equal(list.count, 1);
	field_list_clear(&list);
}

static void a_changed_value_is_a_copy_and_the_name_stays(void **state)
{
	struct field_list list = list_of(3, 100);
	char value[] = " bert";

	(void)state;
	field_list_add(&list, "From", " anna");
	field_list_add(&list, "To", " carl");
	field_list_change(&list, 0, value);
	value[1] = '?';
	assert_string_equal(list.fields[0].name, "From");
	assert_string_equal(list.fields[0].value, " bert");
	assert_int_equal(list.fields[0].value_len, 5);
	assert_string_equal(list.fields[1].value, " carl");
	field_list_clear(&list);
}

static void what_was_cleared_is_empty_and_keeps_its_bounds(void **state)
{
	struct field_list list = list_of(1, 100);

	(void)state;
	field_list_add(&list, "A", "1");
	field_list_add(&list, "B", "2");
	field_list_clear(&list);
	assert_int_equal(list.count, 0);
	assert_false(list.too_much);
	field_list_add(&list, "C", "3");
	assert_string_equal(list.fields[0].name, "C");
	field_list_add(&list, "D", "4");
	assert_true(list.too_much);
	field_list_clear(&list);
	field_list_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_kept_in_order_and_are_copies),
		cmocka_unit_test(one_field_more_than_the_bound_is_too_much),
		cmocka_unit_test(octets_over_the_bound_are_too_much_for_good),
		cmocka_unit_test(a_changed_value_is_a_copy_and_the_name_stays),
		cmocka_unit_test(
			what_was_cleared_is_empty_and_keeps_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
