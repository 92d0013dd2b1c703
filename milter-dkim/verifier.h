#ifndef MILTER_DKIM_VERIFIER_H
#define MILTER_DKIM_VERIFIER_H

#include <stddef.h>

struct error;
struct policy_field;
struct verify_signature;

/*
 * The signatures of one message under libopendkim, which only verifier.c
 * knows. It sees nothing but signatures that verify_signature_read() and
 * verify_signature_check_header() left undecided, and the fields they cover.
 */
struct verifier;

/* Octets of a body without white space between; more decide neutral. */
#define VERIFIER_WORD_MAX 1048576

/* Once, before any thread is there. */
int verifier_prepare(struct error *err_r);

/*
 * The header, in order; signatures[i] is of the i-th DKIM-Signature field, and
 * borrowed until verifier_free(). Signatures of which the library can make
 * nothing are decided.
 */
int verifier_new(struct verifier **verifier_r,
		 struct verify_signature *signatures, size_t count,
		 const struct policy_field *fields, size_t field_count,
		 struct error *err_r);
void verifier_free(struct verifier **verifier);

void verifier_body(struct verifier *verifier, const void *data, size_t len);

/*
 * The end of the body: decides every signature that is still undecided.
 * records[i] is its key record, which verify_signature_check_record() found
 * good; not asked for the others. RSA keys of fewer bits decide policy.
 */
void verifier_finish(struct verifier *verifier, const char *const *records,
		     unsigned int min_rsa_bits);

#endif
