#ifndef COMMON_PUBLIC_KEY_H
#define COMMON_PUBLIC_KEY_H

#include "common/fingerprint.h"

#include <stddef.h>

struct error;

#define PUBLIC_KEY_INPUT_MAX 65536 /* octets */
#define PUBLIC_KEY_NAME_MAX 255	   /* octets of UTF-8 */

struct public_key {
	struct fingerprint fingerprint;
	char type[16]; /* "P-256", "P-384", "P-521", "Ed25519", "RSA-2048" */
	char *name; /* common name, else serial, or OpenSSH comment; or NULL */
	unsigned char *spki;
	size_t spki_len;
};

/*
 * One PEM certificate, PEM public key (SPKI) or OpenSSH public key line, and
 * nothing else. Accepted: RSA of 2048 to 16384 bits, P-256, P-384, P-521,
 * Ed25519. Weak and unsupported keys, private keys, sk- keys, cert-authority
 * lines, OpenSSH certificates and lines with options are refused by name.
 * A certificate's dates, names and chain mean nothing here.
 */
int public_key_parse(struct public_key *key_r, const char *text, size_t len,
		     struct error *err_r);

/* The same strength rules for a DER SPKI, as LDAP and login meet it. */
int public_key_from_spki(struct public_key *key_r, const unsigned char *spki,
			 size_t len, struct error *err_r);

void public_key_release(struct public_key *key);

#endif
