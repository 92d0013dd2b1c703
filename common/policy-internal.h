#ifndef COMMON_POLICY_INTERNAL_H
#define COMMON_POLICY_INTERNAL_H

#include "common/directory.h"
#include "common/policy-verdict.h"

#include <time.h>

struct address;

/* What the files of the policy share. */

/* RFC 3463 3.8: not authorized. */
#define POLICY_STATUS_DENIED "5.7.1"

/* The reason for what is none of these two. */
#define POLICY_NOT_ALLOWED "neither its own nor granted"

/* One login, and what it is asked about. */
struct policy_subject {
	struct directory *dir;
	const char *login;
	time_t now;
	struct policy_verdict *verdict;
	struct directory_account account; /* of policy_find_account() */
};

/*
 * Is the login one of an account, and may that write at all? If it passes,
 * the account is the caller's to release.
 */
enum policy_result policy_find_account(struct policy_subject *subject);

enum directory_permission
policy_permission(const struct policy_subject *subject,
		  const struct address *address, struct error *err_r);

/* Words for an address that the login may not use. */
struct policy_denial {
	const char *field;
	const char *reason; /* as struct policy_cause has it */
	const char *may;    /* "may not write as" */
	const char *where;  /* "(From field)" */
};

/* 550: "the login anna may not write as <max@example.org> (From field)". */
enum policy_result policy_deny(const struct policy_subject *subject,
			       const struct policy_denial *denial,
			       const struct address *address);

#endif
