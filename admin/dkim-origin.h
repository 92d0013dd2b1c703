#ifndef ADMIN_DKIM_ORIGIN_H
#define ADMIN_DKIM_ORIGIN_H

struct error;

/*
 * FOLDER/origin names the host whose commands change the key table. Where the
 * folder is copied to other hosts it goes along, and there nothing is changed.
 */

/* The host, if it is not this one, the caller's; else NULL. */
int dkim_origin_read(char **other_r, const char *folder, struct error *err_r);

/* Makes it this host's, if it is none's. */
int dkim_origin_claim(const char *folder, struct error *err_r);

#endif
