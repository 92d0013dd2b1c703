#ifndef MILTER_DKIM_VERIFY_SETTINGS_H
#define MILTER_DKIM_VERIFY_SETTINGS_H

#include "common/conf.h"
#include "common/shared.h"

#include <stddef.h>

struct error;
struct network;

/* What becomes of mail whose signatures fail, or can't be verified now. */
enum verify_on_fail {
	VERIFY_ON_FAIL_ACCEPT,
	VERIFY_ON_FAIL_REJECT,
};

enum verify_on_temperror {
	VERIFY_ON_TEMPERROR_ACCEPT,
	VERIFY_ON_TEMPERROR_DEFER,
};

/*
 * What milter-dkim-verify.conf says. Never changed once loaded: a reload makes
 * new ones, and a message keeps to those it began with.
 */
struct verify_settings {
	struct shared shared;
	char *socket;
	char *authserv_id; /* comparable; "": the MTA's name */
	char **trusted_networks;
	struct network *networks; /* the same, parsed */
	size_t network_count;
	int on_fail;	  /* enum verify_on_fail */
	int on_temperror; /* enum verify_on_temperror */
	unsigned int max_signatures;
	unsigned int min_rsa_bits;
	unsigned int dns_timeout; /* seconds, for all of a message's keys */
};

/* Held once, by the caller. */
int verify_settings_load(struct verify_settings **settings_r, const char *path,
			 struct error *err_r);

/* Gives up one hold; clears *settings; NULL is fine. */
void verify_settings_release(struct verify_settings **settings);

#endif
