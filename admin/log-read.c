#include "admin/log-read.h"

#include "admin/spawn.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

/* False at the end. */
static bool read_line(FILE *file, char line_r[LOG_LINE_OCTETS_MAX])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (len < LOG_LINE_OCTETS_MAX)
			line_r[len] = (char)c;
		len += len < LOG_LINE_OCTETS_MAX;
	}
	line_r[len < LOG_LINE_OCTETS_MAX ? len : 0] = '\0';
	return c != EOF || len > 0;
}

static int fail(const char *path, struct error *err_r)
{
	return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s", path,
			    strerror(errno));
}

int log_read(FILE *file, const char *name, log_line_taker *take, void *context,
	     struct error *err_r)
{
	char line[LOG_LINE_OCTETS_MAX];

	while (read_line(file, line))
		take(context, line);
	return ferror(file) ? fail(name, err_r) : 0;
}

int log_read_file(const char *path, log_line_taker *take, void *context,
		  struct error *err_r)
{
	FILE *file;
	int result;

	if (strcmp(path, "-") == 0)
		return log_read(stdin, "standard input", take, context, err_r);
	file = fopen(path, "re");
	if (file == NULL)
		return fail(path, err_r);
	result = log_read(file, path, take, context, err_r);
	(void)fclose(file);
	return result;
}

int log_read_journal(const char *unit, const char *since, log_line_taker *take,
		     void *context, struct error *err_r)
{
	char *of = mem_printf("--unit=%s", unit);
	char *from = since != NULL ? mem_printf("--since=%s", since) : NULL;
	const char *const argv[] = {
		"/usr/bin/journalctl",
		of,
		"--output=cat",
		"--no-pager",
		"--quiet",
		from,
		NULL,
	};
	struct error why;
	struct spawn journal;
	int result;

	result = spawn_open(&journal, argv, err_r);
	mem_free_string(&of);
	mem_free_string(&from);
	if (result < 0)
		return error_prefix(err_r, "the journal can't be read, name a "
					   "log file instead");
	result = log_read(journal.output, argv[0], take, context, err_r);
	if (spawn_close(&journal, &why) < 0 && result == 0)
		return error_set_as(err_r, why.sysexit, "%s", why.text);
	return result;
}
