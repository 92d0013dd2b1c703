#include "admin/commands.h"

#include "admin/call.h"
#include "admin/output.h"
#include "admin/sender-report.h"
#include "admin/spawn.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int read_journal(struct sender_report *report, const char *since,
			struct error *err_r)
{
	char *option = since != NULL ? mem_printf("--since=%s", since) : NULL;
	const char *const argv[] = {
		"/usr/bin/journalctl",
		"--unit=milter-sender-check",
		"--output=cat",
		"--no-pager",
		"--quiet",
		option,
		NULL,
	};
	struct error why;
	struct spawn journal;
	int result;

	result = spawn_open(&journal, argv, err_r);
	mem_free_string(&option);
	if (result < 0)
		return error_prefix(err_r, "the journal can't be read, name a "
					   "log file instead");
	result = sender_report_read(report, journal.output, argv[0], err_r);
	if (spawn_close(&journal, &why) < 0 && result == 0)
		return error_set_as(err_r, why.sysexit, "%s", why.text);
	return result;
}

static int
read_file(struct sender_report *report, const char *path, struct error *err_r)
{
	FILE *file;
	int result;

	if (strcmp(path, "-") == 0)
		return sender_report_read(report, stdin, "standard input",
					  err_r);
	file = fopen(path, "re");
	if (file == NULL)
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    path, strerror(errno));
	result = sender_report_read(report, file, path, err_r);
	(void)fclose(file);
	return result;
}

static int read_all(struct sender_report *report, const struct call *call,
		    struct error *err_r)
{
	int i;

	if (call->argc == 0)
		return read_journal(report, call_option(call, "since"), err_r);
	for (i = 0; i < call->argc; i++) {
		if (read_file(report, call->argv[i], err_r) < 0)
			return -1;
	}
	return 0;
}

static void show_sums(struct output *out, const struct sender_report_sums *sums)
{
	if (output_is_json(out))
		return;
	(void)fprintf(output_file(out),
		      "Messages: %lu; refused %lu, put off %lu; enforcing "
		      "would refuse "
		      "%lu more and put off %lu more.\n",
		      sums->messages, sums->rejected, sums->deferred,
		      sums->would_be_rejected, sums->would_be_deferred);
}

static void show_rows(struct output *out, struct sender_report *report)
{
	static const char *const columns[] = {
		"account", "address", "field",	       "reason", "verdict",
		"mode",	   "count",   "last_queue_id", NULL
	};
	const struct sender_report_row *const *rows;
	size_t count, i;

	rows = sender_report_rows(report, &count);
	output_table(out, columns);
	for (i = 0; i < count; i++) {
		const struct sender_report_row *row = rows[i];

		output_string(out, row->account);
		output_string(out,
			      row->address[0] != '\0' ? row->address : NULL);
		output_string(out, row->field[0] != '\0' ? row->field : NULL);
		output_string(out, row->reason);
		output_string(out, row->verdict);
		output_string(out, row->mode);
		output_number(out, (long long)row->count);
		output_string(out, row->last_queue_id);
	}
}

int cmd_sender_report(const struct call *call, struct error *err_r)
{
	struct sender_report *report;
	int status = -1;

	if (call->argc > 0 && call_option(call, "since") != NULL)
		return error_set_as(err_r, EX_USAGE,
				    "--since is for the journal: what stands "
				    "in a FILE is taken whole");
	report = sender_report_new();
	if (read_all(report, call, err_r) < 0)
		goto out;
	/* Not to be taken for "nobody would be refused". */
	if (sender_report_sums(report)->messages == 0) {
		error_set_as(err_r, EX_NOINPUT,
			     "no message is logged there: either none was "
			     "submitted with a login, or Postfix does not ask "
			     "milter-sender-check, or you may not read that "
			     "log");
		goto out;
	}
	show_sums(call->out, sender_report_sums(report));
	show_rows(call->out, report);
	status = 0;
out:
	sender_report_free(&report);
	return status;
}
