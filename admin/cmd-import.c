#include "admin/commands.h"

#include "admin/call.h"
#include "admin/import.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/password-scheme.h"
#include "admin/work.h"
#include "common/error.h"

#include <stdio.h>
#include <unistd.h>

static int refuse(const struct import *import, struct error *err_r)
{
	const struct import_finding first = import_finding(import, 0);

	return error_set(err_r,
			 "%s:%lu: %s; nothing is imported, and --dry-run lists "
			 "all lines that can't be taken (%zu)",
			 first.file, first.line, first.reason,
			 import_finding_count(import));
}

static int take(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	struct import *import = context;

	(void)call;
	if (import_apply(import, master, err_r) < 0)
		return -1;
	return import_finding_count(import) > 0 ? refuse(import, err_r) : 0;
}

static int try(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	int result;

	(void)call;
	if (master_begin(master, err_r) < 0)
		return -1;
	result = import_apply(context, master, err_r);
	master_rollback(master);
	return result;
}

static void show_findings(struct output *out, const struct import *import)
{
	size_t count = import_finding_count(import), i;

	for (i = 0; i < count; i++) {
		const struct import_finding finding = import_finding(import, i);
		struct error line; /* fit to be shown */

		error_set(&line, "%s:%lu: %s", finding.file, finding.line,
			  finding.reason);
		if (output_is_json(out))
			output_string(out, line.text);
		else
			(void)fprintf(output_file(out), "%s\n", line.text);
	}
}

/* In text the findings are lines before it. */
static void show(struct output *out, const struct import *import)
{
	static const char *const columns[] = {
		"domains", "accounts", "addresses", "groups",  "members",
		"grants",  "keys",     "unchanged", "refused", NULL
	};
	const struct import_counts counts = import_counts(import);
	size_t i;

	output_record(out, columns);
	for (i = 0; i < RECORD_KIND_COUNT; i++)
		output_number(out, counts.added[i]);
	output_number(out, counts.unchanged);
	if (output_is_json(out))
		output_list(out);
	show_findings(out, import);
	if (output_is_json(out))
		output_list_end(out);
	else
		output_number(out, (long long)import_finding_count(import));
}

/* One line that is written over, and gone at the end. */
static void show_progress(size_t done, size_t all)
{
	if (done < all)
		(void)fprintf(stderr, "\r%zu of %zu lines", done, all);
	else
		(void)fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
}

/* Files are read before the directory is locked: that may take a while. */
int cmd_directory_import(const struct call *call, struct error *err_r)
{
	const struct import_options options = {
		.scheme = call_option(call, "scheme"),
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
	};
	struct import *import;
	int status = 0, i;

	if (options.scheme != NULL &&
	    password_scheme_check(options.scheme, err_r) < 0)
		return -1;
	import = import_new(&options);
	for (i = 0; status == 0 && i < call->argc; i++)
		status = import_read(import, call->argv[i], err_r);
	if (status == 0)
		status = call_option(call, "dry-run") != NULL
				 ? work_read(call, try, import, err_r)
				 : work_change(call, take, import, err_r);
	if (status == 0) {
		show(call->out, import);
		status = import_finding_count(import) > 0 ? 1 : 0;
	}
	import_free(&import);
	return status;
}
