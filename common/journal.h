#ifndef COMMON_JOURNAL_H
#define COMMON_JOURNAL_H

#include <stdbool.h>

struct log_record;

#define JOURNAL_VALUE_MAX 4096

/* The systemd journal, whose entries are fields: systemd.journal-fields(7). */

/* Whether systemd runs this machine, and its journal takes entries. */
bool journal_is_there(void);

/*
 * One entry of facility mail with this line as MESSAGE and, where record is
 * not NULL, a field COUNTERSIGN_NAME for each of its pairs, the first
 * JOURNAL_VALUE_MAX octets of its value. False if the journal did not take it.
 * Thread-safe.
 */
bool journal_write(const char *ident, int priority, const char *line,
		   const struct log_record *record);

#endif
