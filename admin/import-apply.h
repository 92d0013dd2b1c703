#ifndef ADMIN_IMPORT_APPLY_H
#define ADMIN_IMPORT_APPLY_H

struct error;
struct master;
struct record;

enum import_result {
	IMPORT_FAILED = -1, /* the directory; err_r says how */
	IMPORT_REFUSED = 0, /* err_r says why; nothing is changed */
	IMPORT_ADDED,
	IMPORT_UNCHANGED, /* it is there, just so */
};

/* One record into the master, inside of a transaction. */
enum import_result import_apply_record(struct master *master,
				       const struct record *record,
				       struct error *err_r);

#endif
