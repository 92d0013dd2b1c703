#ifndef MILTER_DKIM_SETTINGS_H
#define MILTER_DKIM_SETTINGS_H

#include "common/conf.h"
#include "common/shared.h"
#include "milter-dkim/sign-rules.h"

#include <stdbool.h>

struct directory_pool;
struct error;
struct keys;

/* For whom a From: domain's keys sign. */
enum settings_sign_for {
	SIGN_FOR_OWNER,		/* who may write as that From: */
	SIGN_FOR_AUTHENTICATED, /* every login */
};

/* c= */
enum settings_canonicalization {
	CANONICALIZATION_RELAXED_SIMPLE,
	CANONICALIZATION_RELAXED_RELAXED,
	CANONICALIZATION_SIMPLE_SIMPLE,
	CANONICALIZATION_SIMPLE_RELAXED,
};

/*
 * What the configuration says, with all that it names: directory and keys.
 * Never changed once loaded: a reload makes new ones, and a message keeps to
 * those it began with.
 */
struct settings {
	struct shared shared;
	char *directory;
	char *socket;
	char *key_table;
	int sign_for;	      /* enum settings_sign_for */
	int canonicalization; /* enum settings_canonicalization */
	int several_authors;  /* enum authors_several */
	int identity;	      /* enum identity */
	bool convert_8bit;
	unsigned int signature_days; /* x=; 0: none */
	struct sign_rules rules;
	struct directory_pool *pool;
	struct keys *keys;
};

/* milter-dkim.conf(5), as conf.h has it. */
extern const struct conf_setting settings_table[];

/*
 * Held once, by the caller. old, which may be NULL, is in use: what is the same
 * in both is not read again.
 */
int settings_load(struct settings **settings_r, const char *path,
		  const struct settings *old, struct error *err_r);

/* Gives up one hold; clears *settings; NULL is fine. */
void settings_release(struct settings **settings);

#endif
