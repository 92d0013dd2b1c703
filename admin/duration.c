#include "admin/duration.h"

#include "common/error.h"

#include <stdlib.h>
#include <string.h>

#define DURATION_MAX (100L * 366 * DURATION_DAY)

int duration_parse(time_t *seconds_r, const char *text, time_t unit,
		   struct error *err_r)
{
	static const struct {
		const char *name;
		time_t seconds;
	} units[] = {
		{ "s", 1 },
		{ "m", 60 },
		{ "h", DURATION_HOUR },
		{ "d", DURATION_DAY },
		{ "w", DURATION_WEEK },
	};
	char *end;
	long count = strtol(text, &end, 10);
	size_t i;

	if (*end != '\0') {
		unit = 0;
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
			if (strcmp(end, units[i].name) == 0)
				unit = units[i].seconds;
		}
	}
	/* Of what overflows strtol() makes a number that is too large here. */
	if (text[0] < '0' || text[0] > '9' || unit == 0 ||
	    count > DURATION_MAX / unit)
		return error_set(err_r,
				 "\"%s\" is not a time such as 90d: a number "
				 "with s, m, h, d or w, up to 100 years",
				 text);
	*seconds_r = count * unit;
	return 0;
}
