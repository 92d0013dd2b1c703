#ifndef COMMON_PUBLIC_KEY_H
#define COMMON_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct error;

#define FINGERPRINT_SIZE 32
#define FINGERPRINT_TEXT_SIZE (sizeof("sha256:") + 2 * FINGERPRINT_SIZE)
#define PUBLIC_KEY_INPUT_MAX 65536

/* SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7). */
struct fingerprint {
	unsigned char sha256[FINGERPRINT_SIZE];
};

/* "sha256:" and 64 lower-case hex digits. */
void fingerprint_format(char text_r[FINGERPRINT_TEXT_SIZE],
			const struct fingerprint *fingerprint);

/*
 * Hex with or without colons, either case, or base64 with or without padding;
 * each with or without "sha256:" (or OpenSSH's "SHA256:", which is of another
 * encoding of the key: refused by name).
 */
int fingerprint_parse(struct fingerprint *fingerprint_r, const char *text,
		      struct error *err_r);

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
