#include "admin/commands.h"

#include "admin/call.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/work.h"

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	(void)context;
	return master_address_add(master, call->argv[0], call->argv[1], err_r);
}

int cmd_address_add(const struct call *call, struct error *err_r)
{
	return work_change(call, add, NULL, err_r);
}

static void show_row(void *context, const struct master_address *address)
{
	struct output *out = context;

	output_string(out, address->address);
	output_string(out, address->account);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "address", "account", NULL };

	(void)context;
	output_table(call->out, columns);
	return master_address_list(master, call->argv[0], show_row, call->out,
				   err_r);
}

int cmd_address_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static int remove_address(struct master *master, const struct call *call,
			  void *context, struct error *err_r)
{
	(void)context;
	return master_address_remove(master, call->argv[0], err_r);
}

int cmd_address_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_address, NULL, err_r);
}
