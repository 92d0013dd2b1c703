#ifndef TESTS_DKIM_OPENDKIM_H
#define TESTS_DKIM_OPENDKIM_H

struct message;
struct opendkim;
struct signer_request;
struct test_keys;

/*
 * libopendkim as the oracle, set to sign the fields that we sign. A failure
 * fails the test. The keys are borrowed until opendkim_close().
 */
struct opendkim *opendkim_open(const struct test_keys *keys);
void opendkim_close(struct opendkim **opendkim);

/* Where it is known to be wrong, or to refuse. */
enum opendkim_fault {
	OPENDKIM_RIGHT,
	OPENDKIM_ED25519_SIMPLE, /* an Ed25519 signature of a simple header */
	OPENDKIM_CONTROL,	 /* VT, FF or CR in a relaxed header */
	OPENDKIM_BODY,		 /* a lone CR or LF in the body */
};
#define OPENDKIM_FAULT_COUNT 4

/* The first that keeps it from being the judge of that signature. */
enum opendkim_fault opendkim_fault(const struct message *message,
				   const struct signer_request *request);

/* The value of its DKIM-Signature field, with a leading space; the caller's. */
char *opendkim_sign(struct opendkim *opendkim, const struct message *message,
		    const struct signer_request *request);

/* Fails the test if it finds anything wrong with this DKIM-Signature. */
void opendkim_verify(struct opendkim *opendkim, const struct message *message,
		     const char *value);

#endif
