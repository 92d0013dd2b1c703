#include "admin/commands.h"

#include "admin/call.h"
#include "admin/check.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/publish.h"
#include "admin/work.h"

#include <stdbool.h>
#include <stdio.h>

static int publish_all(struct master *master, const struct call *call,
		       void *context, struct error *err_r)
{
	(void)call;
	(void)context;
	return publish(master, err_r);
}

int cmd_directory_init(const struct call *call, struct error *err_r)
{
	const char *folder;

	if (work_folder(call, &folder, err_r) < 0 ||
	    master_init(folder, err_r) < 0)
		return -1;
	return call->no_publish ? 0 : cmd_directory_publish(call, err_r);
}

int cmd_directory_publish(const struct call *call, struct error *err_r)
{
	return work_read(call, publish_all, NULL, err_r);
}

struct findings {
	struct output *out;
	bool any;
};

static void show_finding(void *context, const char *finding)
{
	struct findings *findings = context;

	if (output_is_json(findings->out))
		output_string(findings->out, finding);
	else
		(void)fprintf(output_file(findings->out), "%s\n", finding);
	findings->any = true;
}

int cmd_directory_check(const struct call *call, struct error *err_r)
{
	static const char *const columns[] = { "finding", NULL };
	struct findings findings = { .out = call->out };
	const char *folder;

	if (work_folder(call, &folder, err_r) < 0)
		return -1;
	output_table(call->out, columns);
	if (check_directory(folder, show_finding, &findings, err_r) < 0)
		return -1;
	return findings.any ? 1 : 0;
}
