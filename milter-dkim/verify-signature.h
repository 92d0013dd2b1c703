#ifndef MILTER_DKIM_VERIFY_SIGNATURE_H
#define MILTER_DKIM_VERIFY_SIGNATURE_H

#include "common/dkim-key.h"
#include "milter-dkim/canon.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct policy_field;

/* RFC 8601 2.7.1. */
enum verify_result {
	VERIFY_UNDECIDED, /* not among them: libopendkim is to be asked */
	VERIFY_PASS,
	VERIFY_FAIL,
	VERIFY_POLICY,
	VERIFY_NEUTRAL,
	VERIFY_TEMPERROR,
	VERIFY_PERMERROR,
};

const char *verify_result_name(enum verify_result result);

/* Longer DKIM-Signature fields are not looked at. */
#define VERIFY_SIGNATURE_MAX 16384

#define VERIFY_REASON_SIZE 128

/*
 * One DKIM-Signature field as far as it can be judged without its key. The
 * strings are printable ASCII; NULL where the field does not say it, or not in
 * a way that can be repeated. All zero is empty.
 */
struct verify_signature {
	char *domain;		    /* d=: A-labels, lower case */
	char *selector;		    /* s=: lower case */
	char *identity;		    /* i=, or what it is by default */
	char *b;		    /* b= */
	char *names;		    /* h= */
	const char *algorithm_name; /* a= */
	enum dkim_algorithm algorithm;
	enum canon body_canon;
	bool has_length; /* l= */
	unsigned long long length;
	enum verify_result result;
	char reason[VERIFY_REASON_SIZE];
};

/*
 * Reads the value of the field. What is wrong with it decides its result: what
 * libopendkim or the signer might read in another way never reaches it.
 */
void verify_signature_read(struct verify_signature *signature_r,
			   const char *value, time_t now);
void verify_signature_release(struct verify_signature *signature);

/* Decides the result. */
void verify_signature_decide(struct verify_signature *signature,
			     enum verify_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How often h= lists the name, in whatever case. */
size_t verify_signature_covers(const struct verify_signature *signature,
			       const char *name);

/*
 * Whether the header leaves it in doubt what was signed: it has not exactly
 * one From field, or more of one that is to stand once than are signed.
 */
void verify_signature_check_header(struct verify_signature *signature,
				   const struct policy_field *fields,
				   size_t count);

/* Whether the key record (RFC 6376 3.6.1) is one for such a signature. */
void verify_signature_check_record(struct verify_signature *signature,
				   const char *record);

#endif
