#ifndef ADMIN_PUBLISH_INTERNAL_H
#define ADMIN_PUBLISH_INTERNAL_H

#include "admin/publish.h"
#include "common/buffer.h"

#include <time.h>

/* The parts of publish.c. path: a file that is not there yet, mode 0600. */

int publish_snapshot(struct master *master, const char *path,
		     struct error *err_r);

/* dovecot.passwd: the accounts that may log in with a password. */
int publish_passwd(struct master *master, const char *path,
		   struct error *err_r);

/* dovecot.userdb: every account, for whoever delivers mail to it. */
int publish_userdb(struct master *master, const char *path,
		   struct error *err_r);

/* Who may write as what; grants that are over by now are left out. */
int publish_sender_logins(struct master *master, const char *path, time_t now,
			  struct error *err_r);

/* Whose mail goes to which account. */
int publish_aliases(struct master *master, const char *path,
		    struct error *err_r);

/*
 * Have Postfix compile the text at path, beside it. Nothing happens where
 * Postfix is not installed.
 */
int publish_compile(const char *path, struct error *err_r);

#endif
