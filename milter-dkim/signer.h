#ifndef MILTER_DKIM_SIGNER_H
#define MILTER_DKIM_SIGNER_H

#include "common/dkim-key.h"
#include "milter-dkim/canon.h"

#include <stddef.h>
#include <time.h>

struct buffer;
struct error;
struct policy_field;
struct signing_key;

/*
 * DKIM signatures (RFC 6376, RFC 8463). Knows nothing of milters: header
 * fields in order and a body in pieces go in, DKIM-Signature fields come out.
 */

/* One signature to be made; everything is borrowed. */
struct signer_request {
	enum dkim_algorithm algorithm;
	const char *domain; /* A-labels */
	const char *selector;
	const char *identity;	       /* i= as it is written; NULL: none */
	const struct signing_key *key; /* of that algorithm */
	enum canon header_canon, body_canon;
	time_t time;		    /* t= */
	unsigned int valid_seconds; /* x= is that much later; 0: no x= */
};

/* More instances of signed fields than this make signer_sign() fail. */
#define SIGNER_FIELDS_MAX 1024

struct signer;

/*
 * For any number of signatures the body is read once, and hashed once for
 * each canonicalisation that is asked for. The requests are borrowed until
 * signer_free().
 */
int signer_new(struct signer **signer_r, const struct signer_request *requests,
	       size_t count, struct error *err_r);
void signer_free(struct signer **signer);

int signer_body(struct signer *signer, const void *data, size_t len,
		struct error *err_r);

/* Forget the body so far: it comes again, changed. */
int signer_restart(struct signer *signer, struct error *err_r);

/*
 * After the body, once: values_r gets for each request the value of its
 * DKIM-Signature field, the caller's to free: with a leading space, folded
 * with LF and HTAB, no line end behind it. On error none is left.
 */
int signer_sign(struct signer *signer, const struct policy_field *fields,
		size_t count, char **values_r, struct error *err_r);

/*
 * The last step alone: append the raw signature of the request's key over the
 * fields, in this order, and over the DKIM-Signature field whose value (with
 * an empty b=) is given.
 */
int signer_signature(struct buffer *signature,
		     const struct signer_request *request,
		     const struct policy_field *const *fields, size_t count,
		     const char *value, struct error *err_r);

#endif
