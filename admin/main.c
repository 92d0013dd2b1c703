#include "admin/call.h"
#include "admin/commands.h"
#include "admin/help.h"
#include "admin/output.h"
#include "admin/settings.h"
#include "common/error.h"
#include "common/mem.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const struct error *err)
{
	(void)fprintf(stderr, "countersign: %s\n", err->text);
	return err->sysexit;
}

/* A change that has nothing to tell: one object in JSON, as every answer. */
static void confirm(const struct call *call)
{
	static const char *const columns[] = { "done", NULL };
	char *done =
		mem_printf("%s %s", call->command->noun, call->command->verb);

	output_record(call->out, columns);
	output_string(call->out, done);
	mem_free_string(&done);
}

static int run(struct call *call, struct error *err)
{
	struct settings settings = { .directory = NULL };
	int status;

	if (call->directory == NULL) {
		if (settings_load(&settings, call->config, err) < 0)
			return complain(err);
		call->directory = settings.directory;
	}
	call->out = output_new(stdout, call->json);
	status = call->command->run(call, err);
	if (status == 0 && call->json && output_is_silent(call->out))
		confirm(call);
	if (status >= 0 && output_end(call->out, err) < 0)
		status = -1;
	output_free(&call->out);
	settings_release(&settings);
	return status < 0 ? complain(err) : status;
}

/*
 * Were one of the standard descriptors closed, the next file opened would take
 * its number, and an answer be written into the directory.
 */
static bool fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int main(int argc, char **argv)
{
	struct error err;
	struct call call;

	(void)argc;
	if (argv[0] == NULL || !fill_standard_descriptors())
		return EX_OSERR;
	(void)umask(077);
	/* A reader that went away is a write error, which we report. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (call_parse(&call, command_table, argv, &err) < 0)
		return complain(&err);
	if (call.version) {
		(void)puts("countersign " COUNTERSIGN_VERSION);
		return EX_OK;
	}
	if (call.list_commands) {
		help_list(stdout, command_table);
		return EX_OK;
	}
	if (call.help || call.command == NULL) {
		help_print(stdout, command_table, call.noun);
		return EX_OK;
	}
	return run(&call, &err);
}
