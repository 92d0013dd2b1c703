#ifndef MILTER_SENDER_CHECK_SETTINGS_H
#define MILTER_SENDER_CHECK_SETTINGS_H

#include "common/conf.h"
#include "common/policy-rules.h"
#include "common/shared.h"
#include "milter-sender-check/path-rules.h"
#include "milter-sender-check/rate-check.h"

struct directory_pool;
struct error;

enum settings_mode {
	MODE_ENFORCE,
	MODE_REPORT, /* log what would be refused or put off, do neither */
};

/* What they are called. */
extern const char *const settings_modes[];

/*
 * Never changed once loaded: a reload makes new ones, and a message keeps to
 * those it began with.
 */
struct settings {
	struct shared shared;
	char *directory;
	char *socket;
	int mode; /* enum settings_mode */
	struct policy_rules rules;
	struct path_rules paths;
	struct rate_limits limits;
	struct directory_pool *pool;
};

/* milter-sender-check.conf(5), as conf.h has it. */
extern const struct conf_setting settings_table[];

/* Held once, by the caller. */
int settings_load(struct settings **settings_r, const char *path,
		  struct error *err_r);

/* Gives up one hold; clears *settings; NULL is fine. */
void settings_release(struct settings **settings);

#endif
