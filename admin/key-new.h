#ifndef ADMIN_KEY_NEW_H
#define ADMIN_KEY_NEW_H

#include "common/public-key.h"

#include <stddef.h>
#include <time.h>

struct error;

/*
 * A device's key, made here: private key, self-signed certificate, and both
 * as PKCS#12. No I/O but key_new_write() and key_new_remove().
 */
enum key_new_type {
	KEY_NEW_P256,
	KEY_NEW_ED25519,
	KEY_NEW_RSA,
};

/* "p256", "ed25519", "rsa". */
int key_new_type_parse(enum key_new_type *type_r, const char *text,
		       struct error *err_r);

struct key_new_request {
	enum key_new_type type;
	const char *name;     /* common name: 1..64 characters */
	time_t from;	      /* the certificate's first second */
	time_t until;	      /* the second after its last, beyond from */
	const char *password; /* of the PKCS#12, not "" */
};

struct key_new {
	struct public_key public_key;
	char *key; /* PEM, PKCS#8, secret */
	char *certificate;
	unsigned char *p12;
	size_t p12_len;
};

/* The same day ten years on. */
time_t key_new_default_end(time_t from);

/* A password of 100 random bits that can be read out; the caller's to wipe. */
char *key_new_password(void);

int key_new_make(struct key_new *made_r, const struct key_new_request *request,
		 struct error *err_r);

/* Wipes the private key. */
void key_new_release(struct key_new *made);

/*
 * STEM.key, STEM.crt and STEM.p12, mode 0600. Nothing is overwritten, and on
 * error nothing is left.
 */
int key_new_write(const struct key_new *made, const char *stem,
		  struct error *err_r);

/* Remove the three files that key_new_write() made. */
void key_new_remove(const char *stem);

#endif
