#ifndef ADMIN_SECRET_ROTATION_H
#define ADMIN_SECRET_ROTATION_H

#include "common/date.h"
#include "common/login-secret.h"

struct error;

/* Of a whole file: lines of digits, a space, a time and LF, and a NUL. */
#define SECRET_ROTATION_SIZE                                                   \
	(LOGIN_SECRETS_MAX * (2 * LOGIN_SECRET_SIZE + DATE_TEXT_SIZE + 1) + 1)

/*
 * The text of a file of login secrets with one more in it, which signs from
 * since on, later than now. Those that have ended go. Pure.
 */
int secret_rotation_add(char text_r[SECRET_ROTATION_SIZE],
			const struct login_secrets *secrets,
			const unsigned char key[LOGIN_SECRET_SIZE],
			time_t since, time_t now, struct error *err_r);

/* With the new one alone. */
void secret_rotation_alone(char text_r[SECRET_ROTATION_SIZE],
			   const unsigned char key[LOGIN_SECRET_SIZE]);

#endif
