#ifndef ADMIN_POSTFIX_CHECK_H
#define ADMIN_POSTFIX_CHECK_H

struct error;
struct master_cf;
struct setup;

/*
 * Would mail of users meet the milters of the submission services? Refused: no
 * such service, and settings that let mail past. Noted: logins elsewhere. path:
 * of the master.cf, for errors.
 */
int postfix_check(struct setup *setup, const char *path,
		  const struct master_cf *cf, struct error *err_r);

#endif
