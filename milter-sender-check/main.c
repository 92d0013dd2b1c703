#include "common/mem.h"
#include "common/milter.h"
#include "milter-sender-check/callbacks.h"
#include "milter-sender-check/settings.h"

#include <stddef.h>

static int load(const char *conf_path, char **socket_r, struct error *err_r)
{
	struct settings *settings;

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
		.name = "milter-sender-check",
		.conf_path = "/etc/countersign/milter-sender-check.conf",
		.callbacks = &callbacks,
		.purpose = "the check",
		.actions = callbacks_actions,
		.steps = callbacks_steps,
		.load = load,
		.unload = unload,
	};

	return milter_run(&daemon, argc, argv);
}
