#include "admin/commands.h"

#include "admin/call.h"
#include "common/date.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/work.h"
#include "common/error.h"

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	(void)call;
	return master_grant_add(master, context, err_r);
}

int cmd_grant_add(const struct call *call, struct error *err_r)
{
	const char *until = call_option(call, "until");
	struct master_grant grant = {
		.holder = call->argv[0],
		.address = call->argv[1],
		.on_behalf = call_option(call, "on-behalf") != NULL,
	};

	if (until != NULL &&
	    date_parse_future_end(&grant.until, until, time(NULL), err_r) < 0)
		return error_prefix(err_r, "--until");
	return work_change(call, add, &grant, err_r);
}

static void show_row(void *context, const struct master_grant *grant)
{
	struct output *out = context;

	output_string(out, grant->holder);
	output_string(out, grant->address);
	output_end_date(out, grant->until);
	output_bool(out, grant->on_behalf);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "holder", "address", "until",
					       "on_behalf", NULL };

	(void)context;
	output_table(call->out, columns);
	return master_grant_list(master, call->argv[0], show_row, call->out,
				 err_r);
}

int cmd_grant_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static int remove_grant(struct master *master, const struct call *call,
			void *context, struct error *err_r)
{
	(void)context;
	return master_grant_remove(master, call->argv[0], call->argv[1], err_r);
}

int cmd_grant_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_grant, NULL, err_r);
}
