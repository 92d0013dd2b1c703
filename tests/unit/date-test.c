#include "tests/unit/test.h"

#include "common/date.h"
#include "common/error.h"

#include <stdio.h>
#include <string.h>

static void dates_become_the_time_they_end(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *shown;
	} cases[] = {
		{ "a day lasts to its end in UTC", "2027-01-31",
		  "2027-02-01T00:00:00Z" },
		{ "the last day of a year", "2027-12-31",
		  "2028-01-01T00:00:00Z" },
		{ "a leap day", "2028-02-29", "2028-03-01T00:00:00Z" },
		{ "a leap day of a leap century", "2000-02-29",
		  "2000-03-01T00:00:00Z" },
		{ "a date-time is that instant", "2027-01-31T12:30:45Z",
		  "2027-01-31T12:30:45Z" },
		{ "small letters, as RFC 3339 5.6 allows",
		  "2027-01-31t12:30:45z", "2027-01-31T12:30:45Z" },
		{ "fractions are dropped", "2027-01-31T12:30:45.999999Z",
		  "2027-01-31T12:30:45Z" },
		{ "east of Greenwich is earlier", "2027-01-01T00:30:00+02:00",
		  "2026-12-31T22:30:00Z" },
		{ "west of Greenwich is later", "2026-12-31T22:30:00-02:30",
		  "2027-01-01T01:00:00Z" },
		{ "beyond 2038", "2106-02-07T06:28:16Z",
		  "2106-02-07T06:28:16Z" },
		{ "the last day of all", "9999-12-31", "9999-12-31T23:59:59Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char shown[DATE_TEXT_SIZE];
		struct error err;
		time_t time;

		print_message("%s\n", cases[i].name);
		assert_int_equal(date_parse_end(&time, cases[i].text, &err), 0);
		date_format(shown, time);
		assert_string_equal(shown, cases[i].shown);
	}
}

static void an_end_is_shown_as_it_may_be_written(void **state)
{
	static const struct {
		const char *text;
		const char *shown;
	} cases[] = {
		{ "2027-01-31", "2027-01-31" },
		{ "2027-12-31", "2027-12-31" },
		{ "2028-02-29", "2028-02-29" },
		{ "2027-02-01T00:00:00Z", "2027-01-31" },
		{ "2027-01-31T23:59:59Z", "2027-01-31T23:59:59Z" },
		{ "2027-01-31T12:30:45+00:30", "2027-01-31T12:00:45Z" },
		{ "1970-01-01", "1970-01-01" },
		{ "1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z" },
		{ "9999-12-31", "9999-12-31" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char shown[DATE_TEXT_SIZE];
		time_t time, again;
		struct error err;

		assert_int_equal(date_parse_end(&time, cases[i].text, &err), 0);
		date_format_end(shown, time);
		assert_string_equal(shown, cases[i].shown);
		assert_int_equal(date_parse_end(&again, shown, &err), 0);
		assert_int_equal(again, time);
	}
}

static void what_is_no_date_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
	} cases[] = {
		{ "nothing", "" },
		{ "a word", "tomorrow" },
		{ "a month that is none", "2027-13-01" },
		{ "month zero", "2027-00-01" },
		{ "day zero", "2027-01-00" },
		{ "a day that the month has not", "2027-04-31" },
		{ "a leap day in another year", "2027-02-29" },
		{ "a leap day in a century that has none", "2100-02-29" },
		{ "before 1970", "1969-12-31" },
		{ "the epoch, which means for good", "1970-01-01T00:00:00Z" },
		{ "before the epoch by its offset",
		  "1970-01-01T00:00:00+01:00" },
		{ "a year of five digits", "12027-01-31" },
		{ "one digit for the month", "2027-1-31" },
		{ "the other order", "31-01-2027" },
		{ "slashes", "2027/01/31" },
		{ "more behind the day", "2027-01-31x" },
		{ "space for the T", "2027-01-31 12:00:00Z" },
		{ "no zone", "2027-01-31T12:00:00" },
		{ "hour 24", "2027-01-31T24:00:00Z" },
		{ "minute 60", "2027-01-31T12:60:00Z" },
		{ "second 60", "2027-01-31T12:00:60Z" },
		{ "no digit of a fraction", "2027-01-31T12:00:00.Z" },
		{ "an offset without minutes", "2027-01-31T12:00:00+02" },
		{ "an offset of 24 hours", "2027-01-31T12:00:00+24:00" },
		{ "more behind the zone", "2027-01-31T12:00:00ZZ" },
		{ "more behind the offset", "2027-01-31T12:00:00+02:00Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;
		time_t time;

		print_message("%s\n", cases[i].name);
		assert_int_equal(date_parse_end(&time, cases[i].text, &err),
				 -1);
		assert_non_null(strchr(err.text, '"'));
	}
}

static void an_instant_is_read_as_it_is_written(void **state)
{
	static const char text[] = "2028-02-29T23:59:59Z";
	static const char *const others[] = {
		"",
		"2028-02-29",
		"2028-02-29T23:59:59z",
		"2028-02-29T23:59:59",
		"2028-02-29T23:59:59+00:00",
		"2028-02-29T23:59:59.0Z",
		"2027-02-29T23:59:59Z",
		"2028-02-29T23:59:60Z",
		"2028-02-29T23:59:59Zx",
	};
	char again[DATE_TEXT_SIZE];
	struct error err;
	time_t time;
	size_t i;

	(void)state;
	assert_int_equal(date_parse(&time, text, &err), 0);
	date_format(again, time);
	assert_string_equal(again, text);
	assert_int_equal(date_parse(&time, "1970-01-01T00:00:00Z", &err), 0);
	assert_int_equal(time, 0);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		print_message("%s\n", others[i]);
		assert_int_equal(date_parse(&time, others[i], &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_become_the_time_they_end),
		cmocka_unit_test(an_end_is_shown_as_it_may_be_written),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(an_instant_is_read_as_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
