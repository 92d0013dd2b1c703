#include "admin/setup.h"

#include "admin/lock.h"
#include "admin/setup-file.h"
#include "admin/spawn.h"
#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

void setup_note(struct setup *setup, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buffer_printf(&setup->notes, "%s%s\n", setup->notes.len > 0 ? "\n" : "",
		      text);
}

static int
check_installed(const struct setup_software *software, struct error *err_r)
{
	const char *const *file;

	for (file = software->files; *file != NULL; file++) {
		if (access(*file, F_OK) < 0)
			return error_set_as(err_r, EX_UNAVAILABLE,
					    "%s: %s is not installed", *file,
					    software->name);
	}
	return 0;
}

int setup_run(struct setup *setup, const struct setup_software *software,
	      struct error *err_r)
{
	int lock = -1, result = -1;

	if (check_installed(software, err_r) < 0) {
		if (setup->action != SETUP_REVERT)
			return -1;
		setup_note(setup, "Nothing to change: %s is not installed.",
			   software->name);
		return 0;
	}
	if (setup->action == SETUP_PRINT || setup_lock(&lock, err_r) == 0)
		result = software->work(setup, err_r);
	lock_release(&lock);
	if (result == 0 && setup->diff.len == 0)
		setup_note(setup, "Nothing to change.");
	return result;
}

int setup_reload(struct setup *setup, const struct setup_software *software,
		 struct error *err_r)
{
	if (!spawn_test(software->status)) {
		setup_note(setup,
			   "Done. %s does not run; it will find this when it "
			   "starts.",
			   software->name);
		return 0;
	}
	if (spawn_run(software->reload, NULL, err_r) < 0)
		return error_prefix(
			err_r,
			"the change is made, but %s goes on without "
			"it until it is reloaded",
			software->name);
	setup_note(setup, "Done, and %s is reloaded.", software->name);
	return 0;
}
