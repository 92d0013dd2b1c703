#include "admin/settings.h"

#include "common/conf.h"
#include "common/directory.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

const struct conf_setting settings_table[] = {
	{ .name = "directory",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, directory),
	  .value = DIRECTORY_DEFAULT_URI },
	{ .name = "publish_command",
	  .type = CONF_LIST,
	  .offset = offsetof(struct settings, publish_command),
	  .value = "" },
	{ .name = "publish_within",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, publish_within),
	  .value = "3d" },
	{ .name = "rotate_every",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, rotate_every),
	  .value = "90d" },
	{ .name = NULL },
};

int settings_load(struct settings *settings, const char *path,
		  struct error *err_r)
{
	if (path == NULL &&
	    (access(SETTINGS_PATH, F_OK) == 0 || errno != ENOENT))
		path = SETTINGS_PATH;
	return conf_load(settings, settings_table, path, err_r);
}

void settings_release(struct settings *settings)
{
	conf_release(settings, settings_table);
}
