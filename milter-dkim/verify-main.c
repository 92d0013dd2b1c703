#include "common/mem.h"
#include "common/milter.h"
#include "milter-dkim/verifier.h"
#include "milter-dkim/verify-callbacks.h"
#include "milter-dkim/verify-settings.h"

#include <stddef.h>

static int load(const char *conf_path, char **socket_r, struct error *err_r)
{
	struct verify_settings *settings;

	if (verifier_prepare(err_r) < 0 ||
	    verify_settings_load(&settings, conf_path, err_r) < 0)
		return -1;
	*socket_r = mem_strdup(settings->socket);
	verify_callbacks_use(settings);
	return 0;
}

static void unload(void)
{
	verify_callbacks_use(NULL);
}

int main(int argc, char **argv)
{
	const struct milter_daemon daemon = {
		.name = "milter-dkim-verify",
		.conf_path = "/etc/countersign/milter-dkim-verify.conf",
		.callbacks = &verify_callbacks,
		.purpose = "verifying",
		.actions = verify_callbacks_actions,
		.steps = verify_callbacks_steps,
		.load = load,
		.unload = unload,
	};

	return milter_run(&daemon, argc, argv);
}
