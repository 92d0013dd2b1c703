#ifndef COMMON_POLICY_INTERNAL_H
#define COMMON_POLICY_INTERNAL_H

#include "common/directory.h"
#include "common/policy.h"

#include <stdbool.h>
#include <stddef.h>

struct address;
struct mailbox_list;

/* What the files of the policy share. */

/* The reason for what is none of these two. */
#define POLICY_NOT_ALLOWED "neither its own nor granted"

/* One question, and what is known of it so far. */
struct policy_subject {
	const struct policy_question *question;
	struct policy_verdict *verdict;
	struct directory_account account; /* of policy_find_account() */
};

enum policy_standing {
	POLICY_STANDING_DECIDED, /* the verdict is there already */
	POLICY_STANDING_CHECK,	 /* account is the caller's to release */
};

/*
 * Whose login is it, and does it have to be checked? An exempt one is not; a
 * disabled or unknown one is refused.
 */
enum policy_standing policy_find_account(struct policy_subject *subject);

enum directory_permission
policy_permission(const struct policy_subject *subject,
		  const struct address *address, struct error *err_r);

/* Words for an address that the login may not use. */
struct policy_denial {
	const char *field;
	const char *reason; /* as struct policy_cause has it */
	const char *may;    /* "may not write as" */
	const char *more;   /* " only with ...", or NULL */
};

/* 550: "the login anna may not write as <max@example.org> (From field)". */
enum policy_result policy_deny(const struct policy_subject *subject,
			       const struct policy_denial *denial,
			       const struct address *address);

/* RFC 3463 3.7: media error. */
#define POLICY_STATUS_SYNTAX "5.6.0"

/* 550: "From field: there is no address". */
enum policy_result policy_reject_form(const struct policy_subject *subject,
				      const char *field, const char *reason);

/*
 * What the field's display names, those of groups and comments too, show once
 * they are decoded: no control characters, and where the account's addresses
 * matter none but those that it may write as.
 */
enum policy_result
policy_check_names(const struct policy_subject *subject, const char *field,
		   const struct mailbox_list *list, bool addresses_matter);

/* From: and Sender:, or Resent-From: and Resent-Sender: of one block. */
struct policy_originator {
	const char *from;
	const char *sender;
	bool resent; /* nothing is logged of it, or added to it */
	const struct policy_field *fields; /* others may be among them */
	size_t count;
};

/* Is it well-formed, and the account's? A block may lack both fields. */
enum policy_result
policy_check_originator(const struct policy_subject *subject,
			const struct policy_originator *originator);

/* Only whether it is well-formed. */
enum policy_result
policy_check_form(const struct policy_subject *subject,
		  const struct policy_originator *originator);

#endif
