#ifndef ADMIN_IMPORT_APPLY_H
#define ADMIN_IMPORT_APPLY_H

#include "admin/record.h"

struct error;
struct import_line;
struct master;

enum import_result {
	IMPORT_FAILED = -1, /* the directory; err_r says how */
	IMPORT_REFUSED = 0, /* err_r says why; nothing is changed */
	IMPORT_ADDED,
	IMPORT_UNCHANGED, /* it is there, just so */
};

/*
 * One line into the master, inside of a transaction. kind_r: what was added,
 * which for a sender is an address or a grant.
 */
enum import_result
import_apply_line(struct master *master, const struct import_line *line,
		  enum record_kind *kind_r, struct error *err_r);

/*
 * What an error of the master's is: IMPORT_REFUSED, or IMPORT_FAILED if it is
 * the directory's, which will not do better with the next line.
 */
enum import_result import_result_of(const struct error *err);

/* The parts of it, for lines of each meaning. */
enum import_result import_apply_record(struct master *master,
				       const struct record *record,
				       struct error *err_r);
enum import_result import_apply_alias(struct master *master,
				      const struct record *record,
				      struct error *err_r);
enum import_result
import_apply_sender(struct master *master, const struct record *record,
		    enum record_kind *kind_r, struct error *err_r);

#endif
