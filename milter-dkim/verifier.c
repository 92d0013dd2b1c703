#include "milter-dkim/verifier.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-dkim/canon.h"
#include "milter-dkim/verify-signature.h"

#include <opendkim/dkim.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The body as it goes by, for what the library does not see or tell. */
struct body {
	size_t word;   /* octets since the last white space */
	char last;     /* the octet before */
	bool any;      /* there was one */
	bool stray;    /* a CR or LF on its own */
	bool too_long; /* a word of more than VERIFIER_WORD_MAX */
	bool refused;  /* the library gave up */
	struct canon_body canons[CANON_COUNT];
	unsigned long long lengths[CANON_COUNT]; /* in canonical form */
	bool measured;				 /* some signature has l= */
};

struct verifier {
	DKIM *dkim;
	struct verify_signature *signatures;
	size_t count;
	size_t *places; /* in the library's list, in order */
	size_t place_count;
	const char *const *records; /* while the library asks for them */
	bool odd_header; /* VT, FF or lone CR, which it takes for space */
	bool withheld;	 /* a DKIM-Signature that it does not see */
	struct body body;
};

/* Never changed once it is made, as threads share it. */
static DKIM_LIB *library;

static DKIM_CBSTAT
give_key(DKIM *dkim, DKIM_SIGINFO *sig, u_char *record, size_t size);

int verifier_prepare(struct error *err_r)
{
	/*
	 * A handle also where the From field is beyond the library: nothing
	 * malformed reaches it. Keys are asked for at the end.
	 */
	u_int flags = DKIM_LIBFLAGS_BADSIGHANDLES | DKIM_LIBFLAGS_DELAYSIGPROC;
	u_int bits = 0; /* judged here */

	if (library != NULL)
		return 0;
	library = dkim_init(NULL, NULL);
	if (library == NULL ||
	    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
			 sizeof(flags)) != DKIM_STAT_OK ||
	    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits,
			 sizeof(bits)) != DKIM_STAT_OK ||
	    dkim_set_key_lookup(library, give_key) != DKIM_STAT_OK ||
	    !dkim_libfeature(library, DKIM_FEATURE_ED25519) ||
	    !dkim_libfeature(library, DKIM_FEATURE_SHA256))
		return error_set_as(err_r, EX_SOFTWARE,
				    "libopendkim can't be set up, or was "
				    "built without Ed25519 or SHA-256");
	return 0;
}

static bool is_signature(const struct policy_field *field)
{
	return strcasecmp(field->name, "DKIM-Signature") == 0;
}

static bool is_covered(const struct verifier *verifier, const char *name)
{
	size_t i;

	for (i = 0; i < verifier->count; i++) {
		const struct verify_signature *signature =
			&verifier->signatures[i];

		if (signature->result == VERIFY_UNDECIDED &&
		    verify_signature_covers(signature, name) > 0)
			return true;
	}
	return false;
}

/* As it was on the wire: Postfix hands on folds with LF alone. */
static DKIM_STAT
put_field(struct verifier *verifier, const struct policy_field *field)
{
	struct buffer text = BUFFER_INIT;
	DKIM_STAT status;
	size_t i;

	buffer_append_string(&text, field->name);
	buffer_append_char(&text, ':');
	for (i = 0; i < field->value_len; i++) {
		char c = field->value[i];

		if (c == '\n' && (i == 0 || field->value[i - 1] != '\r'))
			buffer_append_char(&text, '\r');
		if (c == '\v' || c == '\f' || c == '\0' ||
		    (c == '\r' && (i + 1 == field->value_len ||
				   field->value[i + 1] != '\n')))
			verifier->odd_header = true;
		buffer_append_char(&text, c);
	}
	status = dkim_header(verifier->dkim, (u_char *)text.data, text.len);
	buffer_release(&text);
	return status;
}

static void put_signature(struct verifier *verifier, size_t number,
			  const struct policy_field *field)
{
	struct verify_signature *signature = &verifier->signatures[number];

	if (signature->result != VERIFY_UNDECIDED) {
		verifier->withheld = true;
		return;
	}
	if (put_field(verifier, field) != DKIM_STAT_OK)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"libopendkim can't read it");
	/* It keeps a place for those, too. */
	verifier->places[verifier->place_count++] = number;
}

static int put_header(struct verifier *verifier,
		      const struct policy_field *fields, size_t count,
		      struct error *err_r)
{
	/*
	 * If h= names every field that it has, libopendkim writes behind the
	 * end of a list. This one can't be named.
	 */
	static const struct policy_field unnamed = { .name = "not signed",
						     .value = " -",
						     .value_len = 2 };
	size_t number = 0, i;

	for (i = 0; i < count; i++) {
		if (is_signature(&fields[i]))
			put_signature(verifier, number++, &fields[i]);
		else if (is_covered(verifier, fields[i].name))
			/* A name that it refuses is in no h=. */
			(void)put_field(verifier, &fields[i]);
	}
	if (put_field(verifier, &unnamed) != DKIM_STAT_OK)
		return error_set_as(err_r, EX_SOFTWARE,
				    "libopendkim does not take a field");
	return 0;
}

static void count_octets(void *context, const void *data, size_t len)
{
	unsigned long long *length = context;

	(void)data;
	*length += len;
}

static void start_body(struct verifier *verifier)
{
	struct body *body = &verifier->body;
	size_t i;

	for (i = 0; i < verifier->count; i++)
		body->measured =
			body->measured || verifier->signatures[i].has_length;
	for (i = 0; i < CANON_COUNT; i++)
		canon_body_init(&body->canons[i], (enum canon)i, count_octets,
				&body->lengths[i]);
}

int verifier_new(struct verifier **verifier_r,
		 struct verify_signature *signatures, size_t count,
		 const struct policy_field *fields, size_t field_count,
		 struct error *err_r)
{
	struct verifier *verifier = mem_alloc(sizeof(*verifier));
	DKIM_STAT status;

	verifier->signatures = signatures;
	verifier->count = count;
	verifier->places = mem_array(count, sizeof(*verifier->places));
	verifier->dkim =
		dkim_verify(library, (const u_char *)"-", NULL, &status);
	if (verifier->dkim == NULL) {
		error_set_as(err_r, EX_TEMPFAIL, "libopendkim: %s",
			     dkim_getresultstr(status));
		goto fail;
	}
	(void)dkim_set_user_context(verifier->dkim, verifier);
	if (put_header(verifier, fields, field_count, err_r) < 0)
		goto fail;
	status = dkim_eoh(verifier->dkim);
	if (status != DKIM_STAT_OK && status != DKIM_STAT_NOSIG) {
		error_set_as(err_r, EX_TEMPFAIL,
			     "libopendkim, at the end of the header: %s",
			     dkim_getresultstr(status));
		goto fail;
	}
	start_body(verifier);
	*verifier_r = verifier;
	return 0;
fail:
	verifier_free(&verifier);
	return -1;
}

void verifier_free(struct verifier **verifier)
{
	if (*verifier == NULL)
		return;
	if ((*verifier)->dkim != NULL)
		(void)dkim_free((*verifier)->dkim);
	free((*verifier)->places);
	free(*verifier);
	*verifier = NULL;
}

static void look_at(struct body *body, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = data[i];

		if ((body->last == '\r') != (c == '\n'))
			body->stray = true;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			body->word = 0;
		else if (++body->word > VERIFIER_WORD_MAX)
			body->too_long = true;
		body->last = c;
	}
	body->any = true;
}

void verifier_body(struct verifier *verifier, const void *data, size_t len)
{
	struct body *body = &verifier->body;
	size_t i;

	if (len == 0 || body->too_long || body->refused)
		return;
	look_at(body, data, len);
	if (body->too_long)
		return;
	for (i = 0; body->measured && i < CANON_COUNT; i++)
		canon_body_update(&body->canons[i], data, len);
	/* It takes no const, and writes nothing there. */
	if (dkim_body(verifier->dkim, (u_char *)(uintptr_t)data, len) !=
	    DKIM_STAT_OK)
		body->refused = true;
}

static struct verify_signature *
signature_at(const struct verifier *verifier, size_t place)
{
	return &verifier->signatures[verifier->places[place]];
}

static DKIM_CBSTAT
give_key(DKIM *dkim, DKIM_SIGINFO *sig, u_char *record, size_t size)
{
	const struct verifier *verifier = dkim_get_user_context(dkim);
	DKIM_SIGINFO **sigs;
	int count, i;

	if (dkim_getsiglist(dkim, &sigs, &count) != DKIM_STAT_OK)
		return DKIM_CBSTAT_ERROR;
	for (i = 0; i < count && (size_t)i < verifier->place_count; i++) {
		const char *text = verifier->records[verifier->places[i]];

		if (sigs[i] != sig || text == NULL || strlen(text) >= size)
			continue;
		(void)snprintf((char *)record, size, "%s", text);
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_ERROR;
}

/*
 * Whether the library looks at other signatures than those that the signer
 * had: it would take the signature itself for one of them.
 */
static bool covers_others(const struct verifier *verifier,
			  const struct verify_signature *signature)
{
	size_t covered = verify_signature_covers(signature, "DKIM-Signature");
	size_t below = (size_t)(verifier->signatures + verifier->count -
				(signature + 1));

	return covered > 0 && (verifier->withheld || covered > below);
}

/* What nobody can be sure of is no pass and no fail. */
static bool decide_doubtful(const struct verifier *verifier,
			    struct verify_signature *signature)
{
	if (verifier->body.too_long)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"the body has a word of over 1 MiB");
	else if (verifier->body.stray)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"the body has a CR or LF on its own");
	else if (verifier->odd_header)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"the header has control characters");
	else if (covers_others(verifier, signature))
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"it signs signatures that are not "
					"there or malformed");
	else
		return false;
	return true;
}

static void decide_passed(const struct verifier *verifier, DKIM_SIGINFO *sig,
			  struct verify_signature *signature,
			  unsigned int min_rsa_bits)
{
	unsigned int bits = 0;

	if (signature->has_length &&
	    signature->length < verifier->body.lengths[signature->body_canon])
		verify_signature_decide(signature, VERIFY_POLICY,
					"only %llu octets of the body are "
					"signed",
					signature->length);
	else if (signature->algorithm == DKIM_RSA_SHA256 &&
		 (dkim_sig_getkeysize(sig, &bits) != DKIM_STAT_OK ||
		  bits < min_rsa_bits))
		verify_signature_decide(signature, VERIFY_POLICY,
					"the key has only %u bits", bits);
	else if ((dkim_sig_getflags(sig) & DKIM_SIGFLAG_TESTKEY) != 0)
		verify_signature_decide(signature, VERIFY_PASS,
					"its domain is testing");
	else
		verify_signature_decide(signature, VERIFY_PASS, "%s", "");
}

static void decide_failed(DKIM_SIGINFO *sig, struct verify_signature *signature)
{
	int error = dkim_sig_geterror(sig);
	const char *text = dkim_sig_geterrorstr(error);

	switch (error) {
	case DKIM_SIGERROR_UNKNOWN:
		verify_signature_decide(signature, VERIFY_TEMPERROR,
					"libopendkim did not come to an end");
		return;
	case DKIM_SIGERROR_BADSIG:
		verify_signature_decide(
			signature, VERIFY_FAIL,
			dkim_sig_getbh(sig) == DKIM_SIGBH_MISMATCH
				? "the body was changed"
				: "the header was changed, or the key is "
				  "another");
		return;
	case DKIM_SIGERROR_TOOLARGE_L:
		verify_signature_decide(signature, VERIFY_FAIL,
					"the body was cut");
		return;
	case DKIM_SIGERROR_DNSSYNTAX:
	case DKIM_SIGERROR_KEYVERSION:
	case DKIM_SIGERROR_KEYUNKNOWNHASH:
	case DKIM_SIGERROR_KEYHASHMISMATCH:
	case DKIM_SIGERROR_NOTEMAILKEY:
	case DKIM_SIGERROR_KEYTYPEMISSING:
	case DKIM_SIGERROR_KEYTYPEUNKNOWN:
	case DKIM_SIGERROR_KEYDECODE:
	case DKIM_SIGERROR_SUBDOMAIN:
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"the key: %s",
					text != NULL ? text : "unknown error");
		return;
	default:
		verify_signature_decide(signature, VERIFY_NEUTRAL, "%s",
					text != NULL ? text : "unknown error");
	}
}

static void decide(const struct verifier *verifier, DKIM_SIGINFO *sig,
		   struct verify_signature *signature,
		   unsigned int min_rsa_bits)
{
	if (signature->result != VERIFY_UNDECIDED ||
	    decide_doubtful(verifier, signature))
		return;
	if (dkim_sig_geterror(sig) == DKIM_SIGERROR_OK &&
	    (dkim_sig_getflags(sig) & DKIM_SIGFLAG_PASSED) != 0 &&
	    dkim_sig_getbh(sig) == DKIM_SIGBH_MATCH)
		decide_passed(verifier, sig, signature, min_rsa_bits);
	else
		decide_failed(sig, signature);
}

static void finish_body(struct verifier *verifier)
{
	struct body *body = &verifier->body;
	size_t i;

	if (body->last == '\r')
		body->stray = true;
	/* The SMTP client would add it; the library refuses to do without. */
	else if (body->any && body->last != '\n')
		verifier_body(verifier, "\r\n", 2);
	for (i = 0; body->measured && i < CANON_COUNT; i++)
		canon_body_finish(&body->canons[i]);
}

void verifier_finish(struct verifier *verifier, const char *const *records,
		     unsigned int min_rsa_bits)
{
	DKIM_SIGINFO **sigs = NULL;
	int count = 0;
	size_t i;

	finish_body(verifier);
	if (dkim_getsiglist(verifier->dkim, &sigs, &count) != DKIM_STAT_OK)
		count = 0;
	verifier->records = records;
	for (i = 0; i < verifier->place_count && i < (size_t)count; i++) {
		if (signature_at(verifier, i)->result != VERIFY_UNDECIDED)
			dkim_sig_ignore(sigs[i]);
	}
	if (!verifier->body.too_long && !verifier->body.refused)
		(void)dkim_eom(verifier->dkim, NULL);
	for (i = 0; i < verifier->place_count && i < (size_t)count; i++)
		decide(verifier, sigs[i], signature_at(verifier, i),
		       min_rsa_bits);
	for (i = 0; i < verifier->count; i++) {
		if (verifier->signatures[i].result == VERIFY_UNDECIDED)
			verify_signature_decide(&verifier->signatures[i],
						VERIFY_TEMPERROR,
						"libopendkim lost it");
	}
	verifier->records = NULL;
}
