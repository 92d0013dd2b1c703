#ifndef ADMIN_DURATION_H
#define ADMIN_DURATION_H

#include <time.h>

struct error;

#define DURATION_HOUR 3600
#define DURATION_DAY 86400
#define DURATION_WEEK 604800

/*
 * Seconds from a number with a unit, as Postfix writes them: s, m, h, d, w; a
 * number without one counts in unit seconds. At most 100 years.
 */
int duration_parse(time_t *seconds_r, const char *text, time_t unit,
		   struct error *err_r);

#endif
