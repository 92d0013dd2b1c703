#ifndef ADMIN_CHECK_H
#define ADMIN_CHECK_H

struct error;

/*
 * Look at all files of the account directory in folder, repair nothing, and
 * call each(context, line) for everything wrong. -1 with err_r filled if it
 * could not be looked at.
 */
int check_directory(const char *folder,
		    void (*each)(void *context, const char *finding),
		    void *context, struct error *err_r);

#endif
