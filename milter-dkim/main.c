#include "common/error.h"
#include "common/mem.h"
#include "common/milter.h"
#include "milter-dkim/callbacks.h"
#include "milter-dkim/settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>

static int load(const char *conf_path, char **socket_r, struct error *err_r)
{
	struct settings *settings;

	/* No key in a core file, and no look into the memory by others. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set_as(err_r, EX_OSERR,
				    "core files can't be turned off: %s",
				    strerror(errno));
	if (settings_load(&settings, conf_path, err_r) < 0)
		return -1;
	*socket_r = mem_strdup(settings->socket);
	callbacks_use(settings);
	return 0;
}

static void unload(void)
{
	callbacks_use(NULL);
}

int main(int argc, char **argv)
{
	const struct milter_daemon daemon = {
		.name = "milter-dkim",
		.conf_path = "/etc/countersign/milter-dkim.conf",
		.callbacks = &callbacks,
		.actions = callbacks_actions,
		.load = load,
		.unload = unload,
	};

	return milter_run(&daemon, argc, argv);
}
