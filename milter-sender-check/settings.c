#include "milter-sender-check/settings.h"

#include "common/directory-pool.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <stdlib.h>

const char *const settings_modes[] = {
	[MODE_ENFORCE] = "enforce",
	[MODE_REPORT] = "report",
	NULL,
};

const struct conf_setting settings_table[] = {
	{ .name = "directory",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, directory),
	  .value = DIRECTORY_DEFAULT_URI },
	{ .name = "socket",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, socket),
	  .value = "unix:/var/spool/postfix/countersign/sender-check/milter" },
	{ .name = "mode",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, mode),
	  .value = "enforce",
	  .choices = settings_modes },
	POLICY_RULES_SETTINGS(offsetof(struct settings, rules)),
	PATH_RULES_SETTINGS(offsetof(struct settings, paths)),
	RATE_SETTINGS(offsetof(struct settings, limits)),
	{ .name = NULL },
};

static void free_settings(struct shared *shared)
{
	struct settings *settings = (struct settings *)shared;

	directory_pool_free(&settings->pool);
	path_rules_release(&settings->paths);
	conf_release(settings, settings_table);
	free(settings);
}

int settings_load(struct settings **settings_r, const char *path,
		  struct error *err_r)
{
	struct settings *settings = mem_alloc(sizeof(*settings));

	if (conf_load(settings, settings_table, path, err_r) < 0) {
		free(settings);
		return -1;
	}
	shared_init(&settings->shared, free_settings);
	if (policy_rules_finish(&settings->rules, err_r) < 0 ||
	    path_rules_finish(&settings->paths, err_r) < 0) {
		error_prefix(err_r, "%s", path);
		settings_release(&settings);
		return -1;
	}
	if (directory_pool_new(&settings->pool, settings->directory, err_r) <
	    0) {
		error_prefix(err_r, "%s: directory", path);
		settings_release(&settings);
		return -1;
	}
	*settings_r = settings;
	return 0;
}

void settings_release(struct settings **settings)
{
	if (*settings != NULL)
		shared_release(&(*settings)->shared);
	*settings = NULL;
}
