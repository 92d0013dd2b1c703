#ifndef ADMIN_DKIM_UNUSED_H
#define ADMIN_DKIM_UNUSED_H

struct error;

/*
 * Tell of each key file in the folder that stands where the command makes them
 * and that its table (path) does not name: a command was killed in between.
 * domain: of that one alone; NULL: of all. Waits until no command is at work.
 */
int dkim_unused_find(const char *folder, const char *path, const char *domain,
		     void (*tell)(void *context, const char *domain,
				  const char *selector, const char *file),
		     void *context, struct error *err_r);

#endif
