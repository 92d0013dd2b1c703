#include "common/date.h"

#include "common/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SECONDS_PER_DAY 86400
#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

/* A pattern of '0' for a digit and every other character for itself. */
static bool has_form(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++) {
		if (*pattern == '0' ? *text < '0' || *text > '9'
				    : *text != *pattern)
			return false;
	}
	return true;
}

static int number(const char *digits, int count)
{
	int value = 0;

	while (count-- > 0)
		value = value * 10 + (*digits++ - '0');
	return value;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* The first ten characters: full-date of RFC 3339 5.6. */
static bool parse_day(struct tm *day_r, const char *text)
{
	int year, month, day;

	if (!has_form(text, "0000-00-00"))
		return false;
	year = number(text, 4);
	month = number(text + 5, 2);
	day = number(text + 8, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return false;
	*day_r = (struct tm){ .tm_year = year - 1900,
			      .tm_mon = month - 1,
			      .tm_mday = day };
	return true;
}

/* What follows the 'T': full-time, as seconds since midnight UTC. */
static bool parse_clock(long *seconds_r, const char *text)
{
	int hour, minute, second, offset = 0, sign;

	if (!has_form(text, "00:00:00"))
		return false;
	hour = number(text, 2);
	minute = number(text + 3, 2);
	second = number(text + 6, 2);
	text += strlen("00:00:00");
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	if (*text == '.') {
		size_t digits = strspn(++text, "0123456789");

		if (digits == 0)
			return false;
		text += digits;
	}
	if (*text == '+' || *text == '-') {
		sign = *text == '+' ? 1 : -1;
		if (!has_form(++text, "00:00") || number(text, 2) > 23 ||
		    number(text + 3, 2) > 59)
			return false;
		offset = sign * (number(text, 2) * 60 + number(text + 3, 2));
		text += strlen("00:00");
	} else if (*text == 'Z' || *text == 'z') {
		text++;
	} else {
		return false;
	}
	*seconds_r = (hour * 60L + minute - offset) * 60 + second;
	return *text == '\0';
}

int date_parse_end(time_t *time_r, const char *text, struct error *err_r)
{
	long seconds = SECONDS_PER_DAY;
	struct tm day;

	if (!parse_day(&day, text) ||
	    (text[10] != '\0' && ((text[10] != 'T' && text[10] != 't') ||
				  !parse_clock(&seconds, text + 11))))
		return error_set(err_r,
				 "\"%s\" is not a date: write 2027-01-31 (to "
				 "the end of that day, UTC) or "
				 "2027-01-31T12:00:00Z",
				 text);
	*time_r = timegm(&day) + seconds;
	if (*time_r <= 0)
		return error_set(err_r, "\"%s\" is before 1970", text);
	return 0;
}

int date_parse_future_end(time_t *time_r, const char *text, time_t now,
			  struct error *err_r)
{
	if (date_parse_end(time_r, text, err_r) < 0)
		return -1;
	if (*time_r <= now)
		return error_set(err_r, "\"%s\" is over already", text);
	return 0;
}

int date_parse(time_t *time_r, const char *text, struct error *err_r)
{
	long seconds;
	struct tm day;

	if (!has_form(text, "0000-00-00T00:00:00Z") || !parse_day(&day, text) ||
	    !parse_clock(&seconds, text + strlen("0000-00-00T")))
		return error_set(err_r,
				 "\"%s\" is not a time of the form "
				 "2027-01-31T12:00:00Z",
				 text);
	*time_r = timegm(&day) + seconds;
	return 0;
}

void date_format(char text_r[DATE_TEXT_SIZE], time_t time)
{
	struct tm parts;

	if (time > LAST_SECOND)
		time = LAST_SECOND;
	if (gmtime_r(&time, &parts) == NULL ||
	    strftime(text_r, DATE_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		text_r[0] = '\0';
}

void date_format_end(char text_r[DATE_TEXT_SIZE], time_t time)
{
	date_format(text_r, time);
	if (time % SECONDS_PER_DAY != 0 || time > LAST_SECOND + 1)
		return;
	date_format(text_r, time - SECONDS_PER_DAY);
	text_r[strlen("9999-12-31")] = '\0';
}
