#ifndef ADMIN_SETTINGS_H
#define ADMIN_SETTINGS_H

#include "common/conf.h"

struct error;

#define SETTINGS_PATH "/etc/countersign/countersign.conf"

/* countersign.conf */
struct settings {
	char *directory;
	char **publish_command;
	char *publish_within;
	char *rotate_every;
};

extern const struct conf_setting settings_table[];

/*
 * From the file at path; NULL is SETTINGS_PATH, which may be missing: then
 * the defaults hold.
 */
int settings_load(struct settings *settings, const char *path,
		  struct error *err_r);
void settings_release(struct settings *settings);

#endif
