#ifndef ADMIN_RECORD_H
#define ADMIN_RECORD_H

#include "admin/master.h"

#include <stddef.h>

struct error;

/*
 * One object of the directory as texts: what "directory export" writes and
 * "directory import" reads. Kinds come in the order in which one may refer to
 * another.
 */
enum record_kind {
	RECORD_DOMAIN,
	RECORD_ACCOUNT,
	RECORD_ADDRESS,
	RECORD_GROUP,
	RECORD_MEMBER,
	RECORD_GRANT,
	RECORD_KEY,
};

#define RECORD_KIND_COUNT (RECORD_KEY + 1)
#define RECORD_FIELD_MAX 8

struct record_form {
	const char *noun;
	const char *plural;
	size_t required; /* the first so many are never empty */
	const char *fields[RECORD_FIELD_MAX + 1]; /* NULL-ended */
};

/* By kind. */
extern const struct record_form record_forms[RECORD_KIND_COUNT];

/* Borrowed texts; NULL or "" where there is nothing. */
struct record {
	enum record_kind kind;
	const char *field[RECORD_FIELD_MAX];
};

/*
 * What the fields say, borrowed from the record. Only their own form is looked
 * at: flags, dates, fingerprints, types; names and addresses are the master's.
 */
int record_to_domain(struct master_domain *domain_r,
		     const struct record *record, struct error *err_r);
int record_to_account(struct master_account *account_r,
		      const struct record *record, struct error *err_r);
int record_to_grant(struct master_grant *grant_r, const struct record *record,
		    struct error *err_r);

/* created: 0 if the record does not say. */
int record_to_key(struct master_key *key_r, const struct record *record,
		  struct error *err_r);

#endif
