#ifndef MILTER_SENDER_CHECK_SETTINGS_H
#define MILTER_SENDER_CHECK_SETTINGS_H

#include "common/conf.h"

#include <stdatomic.h>

struct directory_pool;
struct error;

enum settings_mode {
	MODE_ENFORCE,
	MODE_REPORT, /* log what would be refused, refuse nothing */
};

/*
 * Never changed once loaded: a reload makes new ones, and a message keeps to
 * those it began with.
 */
struct settings {
	char *directory;
	char *socket;
	int mode; /* enum settings_mode */
	struct directory_pool *pool;
	atomic_uint holders;
};

/* milter-sender-check.conf(5), as conf.h has it. */
extern const struct conf_setting settings_table[];

/* Held once, by the caller. */
int settings_load(struct settings **settings_r, const char *path,
		  struct error *err_r);

struct settings *settings_hold(struct settings *settings);

/* Frees with the last holder; clears *settings; NULL is fine. */
void settings_release(struct settings **settings);

#endif
