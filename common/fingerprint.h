#ifndef COMMON_FINGERPRINT_H
#define COMMON_FINGERPRINT_H

#include <stddef.h>

struct error;

#define FINGERPRINT_SIZE 32
#define FINGERPRINT_TEXT_SIZE (sizeof("sha256:") + (size_t)2 * FINGERPRINT_SIZE)

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

#endif
