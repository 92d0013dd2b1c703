#ifndef MILTER_SENDER_CHECK_SENDER_PATH_H
#define MILTER_SENDER_CHECK_SENDER_PATH_H

#include "common/path.h"

#include <stdbool.h>

struct path_rules;

/*
 * Whether a message is checked, for the way by which it came, and as whose.
 * Pure. What stands in the header is asked only where a site's rules would
 * hold up mail without a login.
 */
struct sender_path {
	enum path_kind kind;
	/* It is checked as this one's, borrowed from client or rules; NULL:
	 * not checked, or refused. */
	const char *account;
};

struct sender_path sender_path_find(const struct path_rules *rules,
				    const struct path_client *client);

enum sender_path_action {
	SENDER_PATH_CHECK, /* as path.account */
	SENDER_PATH_PASS,
	SENDER_PATH_REFUSE,
};

/*
 * What to do with a message that came so, not from outside; *reason_r: why it
 * is not checked, else NULL.
 */
enum sender_path_action
sender_path_decide(const char **reason_r, const struct path_rules *rules,
		   const struct sender_path *path,
		   const struct path_marks *marks, bool bounce);

#endif
