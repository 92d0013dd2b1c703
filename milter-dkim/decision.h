#ifndef MILTER_DKIM_DECISION_H
#define MILTER_DKIM_DECISION_H

#include "common/dkim-key.h"
#include "common/policy-verdict.h"

#include <stddef.h>
#include <time.h>

struct field_list;
struct key;
struct path;
struct path_marks;
struct settings;

/*
 * Whether a message is signed, and by which keys: what path, authors, keys and
 * policy say together, cheapest first. No I/O but the directory. Everything is
 * borrowed.
 */
struct decision_question {
	const struct settings *settings;
	const struct path *path;
	const struct path_marks *marks;
	const char *login; /* NULL without one */
	const char *mail_from;
	const struct field_list *header;
	time_t now;
};

enum decision_result {
	DECISION_SIGN,
	DECISION_LEAVE, /* as it is, for the verdict's reason */
	DECISION_REJECT,
	DECISION_DEFER, /* mail that should be signed does not go without */
};

struct decision {
	enum decision_result result;
	struct policy_verdict verdict; /* the reply, and the cause to log */
	const char *path; /* for the log: "local", "bounce", ..., or NULL */
	char *domain;	  /* the author's, or NULL */
	char *identity;	  /* i=, or NULL */
	struct key *keys[DKIM_ALGORITHM_COUNT]; /* the settings' */
	size_t key_count;
};

void decision_make(struct decision *decision_r,
		   const struct decision_question *question);
void decision_release(struct decision *decision);

/* The same result, later and for another reason. */
void decision_defer(struct decision *decision, const char *reason);

#endif
