#ifndef ADMIN_KEY_ATTEMPTS_FOLD_H
#define ADMIN_KEY_ATTEMPTS_FOLD_H

struct error;
struct key_attempts;

/*
 * Open the attempts of FOLDER and take in what auth workers have spooled
 * there. 1; 0 if nothing was ever spooled, *attempts_r is NULL then; or -1.
 * Where they can be read, but the spool can't be taken in (a full disk, say),
 * it is 1 with *why_r set: what the spool has is missing then, and kept.
 */
int key_attempts_fold(struct key_attempts **attempts_r, const char *folder,
		      char **why_r, struct error *err_r);

#endif
