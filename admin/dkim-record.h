#ifndef ADMIN_DKIM_RECORD_H
#define ADMIN_DKIM_RECORD_H

#include <stdbool.h>

struct error;

/* Flags that a record may have and that a verifier obeys. */
struct dkim_record_flags {
	bool testing; /* t=y: signatures count for nothing */
	bool strict;  /* t=s: i= must not be in a subdomain */
};

/*
 * Does a verifier (RFC 6376 3.6.1) get from the text that was found the key of
 * the text that is wanted, one of dkim_key_record()? 0, or -1 and err_r says
 * what the text found has or lacks, as "has no p=" (EX_DATAERR).
 */
int dkim_record_compare(struct dkim_record_flags *flags_r, const char *found,
			const char *wanted, struct error *err_r);

#endif
