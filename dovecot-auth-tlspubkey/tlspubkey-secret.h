#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SECRET_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_SECRET_H

struct error;

/*
 * The secret that login processes and auth share on one host: 64 hex digits
 * (32 random octets) in a file of root's that nobody else may read. Both read
 * it as root, before they drop privileges.
 */
#define TLSPUBKEY_LOCAL_SECRET "/var/lib/countersign/tlspubkey/local.secret"

#define TLSPUBKEY_SECRET_SIZE 32
#define TLSPUBKEY_SECRET_ID_SIZE 9

/* id: 8 hex digits that follow from the key, so another key has another id. */
struct tlspubkey_secret {
	unsigned char key[TLSPUBKEY_SECRET_SIZE];
	char id[TLSPUBKEY_SECRET_ID_SIZE];
};

/* On error nothing is left in *secret_r. */
int tlspubkey_secret_load(struct tlspubkey_secret *secret_r, const char *path,
			  struct error *err_r);

void tlspubkey_secret_wipe(struct tlspubkey_secret *secret);

#endif
