#ifndef COMMON_DATE_H
#define COMMON_DATE_H

#include <time.h>

struct error;

#define DATE_TEXT_SIZE sizeof("9999-12-31T23:59:59Z")

/*
 * An end date: "2027-01-31" means to the end of that day in UTC, so the time
 * is the next day's beginning; an RFC 3339 date-time means that instant.
 * Years 1970 to 9999; never 0, which means "for good" where dates are kept.
 */
int date_parse_end(time_t *time_r, const char *text, struct error *err_r);

/* The same, and after now. */
int date_parse_future_end(time_t *time_r, const char *text, time_t now,
			  struct error *err_r);

/* An end date, so that date_parse_end() makes the same of it: a day if it can.
 */
void date_format_end(char text_r[DATE_TEXT_SIZE], time_t time);

/* Exactly what date_format() writes. */
int date_parse(time_t *time_r, const char *text, struct error *err_r);

/* RFC 3339 in UTC; what lies beyond the year 9999 is shown as its end. */
void date_format(char text_r[DATE_TEXT_SIZE], time_t time);

#endif
