#ifndef ADMIN_EXPORT_H
#define ADMIN_EXPORT_H

struct error;
struct master;
struct record;

/*
 * Everything in the directory, password hashes too, so that nothing comes
 * before what it refers to. A record is valid during the call.
 */
int export_records(struct master *master,
		   void (*each)(void *context, const struct record *record),
		   void *context, struct error *err_r);

#endif
