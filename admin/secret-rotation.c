#include "admin/secret-rotation.h"

#include "common/error.h"

#include <stdio.h>
#include <sysexits.h>

static char *
put_line(char *at, const unsigned char key[LOGIN_SECRET_SIZE], time_t since)
{
	static const char digits[] = "0123456789abcdef";
	char date[DATE_TEXT_SIZE];
	size_t i;

	for (i = 0; i < LOGIN_SECRET_SIZE; i++) {
		*at++ = digits[key[i] >> 4];
		*at++ = digits[key[i] & 0xf];
	}
	if (since != 0) {
		date_format(date, since);
		at += snprintf(at, DATE_TEXT_SIZE + 1, " %s", date);
	}
	*at++ = '\n';
	*at = '\0';
	return at;
}

int secret_rotation_add(char text_r[SECRET_ROTATION_SIZE],
			const struct login_secrets *secrets,
			const unsigned char key[LOGIN_SECRET_SIZE],
			time_t since, time_t now, struct error *err_r)
{
	const struct login_secret *last = &secrets->secret[secrets->count - 1];
	char date[DATE_TEXT_SIZE];
	size_t kept = 0, i;
	time_t next = last->since;
	char *at = text_r;

	for (i = 0; i < secrets->count; i++) {
		time_t end = login_secrets_end(secrets, i);

		if (end != 0 && end < now)
			continue;
		if (kept++ == 0)
			next = end > next ? end : next;
		if (kept < LOGIN_SECRETS_MAX)
			at = put_line(at, secrets->secret[i].key,
				      secrets->secret[i].since);
	}
	if (last->since <= now && kept < LOGIN_SECRETS_MAX) {
		(void)put_line(at, key, since);
		return 0;
	}
	date_format(date, last->since > now ? last->since : next);
	return error_set_as(err_r, EX_TEMPFAIL,
			    "the last rotation is not over: wait until %s, or "
			    "rotate --at-once, which refuses logins that are "
			    "under way",
			    date);
}

void secret_rotation_alone(char text_r[SECRET_ROTATION_SIZE],
			   const unsigned char key[LOGIN_SECRET_SIZE])
{
	(void)put_line(text_r, key, 0);
}
