#include "common/error.h"
#include "common/mem.h"
#include "common/milter.h"
#include "milter-dkim/callbacks.h"
#include "milter-dkim/keys.h"
#include "milter-dkim/secrets.h"
#include "milter-dkim/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int load(const char *conf_path, char **socket_r, struct error *err_r)
{
	struct settings *old = callbacks_hold_settings(), *settings;
	int result = settings_load(&settings, conf_path, old, err_r);

	settings_release(&old);
	if (result < 0)
		return -1;
	*socket_r = mem_strdup(settings->socket);
	callbacks_use(settings);
	return 0;
}

static int check(struct error *err_r)
{
	struct settings *settings = callbacks_hold_settings();
	int result = keys_check(settings->keys, err_r);

	settings_release(&settings);
	return result;
}

static void unload(void)
{
	callbacks_use(NULL);
}

/* Before any key was read: the two never meet in one process. */
static int become_verifier(char **argv)
{
	argv[1] = argv[0];
	(void)execv(VERIFIER, argv + 1);
	(void)fprintf(stderr, "milter-dkim: %s: can't be run: %s\n", VERIFIER,
		      strerror(errno));
	return EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
	const struct milter_daemon daemon = {
		.name = "milter-dkim",
		.conf_path = "/etc/countersign/milter-dkim.conf",
		.callbacks = &callbacks,
		.purpose = "signing",
		.actions = callbacks_actions,
		.steps = callbacks_steps,
		.load = load,
		.check = check,
		.start = secrets_lock,
		.unload = unload,
	};
	struct error err;

	if (argc > 1 && strcmp(argv[1], "-v") == 0)
		return become_verifier(argv);
	if (secrets_protect(&err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", daemon.name, err.text);
		return err.sysexit;
	}
	return milter_run(&daemon, argc, argv);
}
