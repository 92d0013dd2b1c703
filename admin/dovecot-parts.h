#ifndef ADMIN_DOVECOT_PARTS_H
#define ADMIN_DOVECOT_PARTS_H

#include <stdbool.h>

struct error;

/*
 * What doveconf -n says before and after a part is included: may it be, and
 * does it do what it should, and nothing else? Pure. Refusals are EX_CONFIG and
 * say what to do.
 */
int dovecot_keys_allowed(const char *conf, struct error *err_r);
int dovecot_keys_work(const char *before, const char *after,
		      struct error *err_r);
int dovecot_submission_works(const char *before, const char *after,
			     struct error *err_r);
int dovecot_lists_work(const char *before, const char *after,
		       struct error *err_r);

/* Does the site verify clients' certificates, which then is left to it? */
bool dovecot_asks_for_certificates(const char *conf);

/*
 * Do auth workers need root? The first passdb or userdb that may; NULL: none
 * does. The caller's.
 */
char *dovecot_needs_root(const char *conf);

/* Does the site run auth workers as a user of its own choice already? */
bool dovecot_has_worker_user(const char *conf);

/*
 * Does Dovecot's submission service listen on this port, "465" or "587", of all
 * addresses? False also where the site has set listen: then it knows.
 */
bool dovecot_submission_has_port(const char *conf, const char *port);

/* Is Sieve on anywhere? */
bool dovecot_has_sieve(const char *conf);

#endif
