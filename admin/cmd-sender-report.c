#include "admin/commands.h"

#include "admin/call.h"
#include "admin/log-read.h"
#include "admin/output.h"
#include "admin/sender-report.h"
#include "admin/tally.h"
#include "common/error.h"

#include <sysexits.h>

static int read_all(struct sender_report *report, const struct call *call,
		    struct error *err_r)
{
	int i;

	if (call->argc == 0)
		return log_read_journal("milter-sender-check",
					call_option(call, "since"),
					sender_report_take, report, err_r);
	for (i = 0; i < call->argc; i++) {
		if (log_read_file(call->argv[i], sender_report_take, report,
				  err_r) < 0)
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
	const struct tally_row *const *rows;
	size_t count;

	rows = sender_report_rows(report, &count);
	output_table(out, columns);
	tally_show(out, rows, count);
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
