#include "admin/commands.h"

#include "admin/call.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/work.h"

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	const char *delimiters = call_option(call, "delimiter");

	(void)context;
	return master_domain_add(master, call->argv[0],
				 delimiters != NULL ? delimiters : "",
				 call_option(call, "case-sensitive") != NULL,
				 call_option(call, "alias-of"), err_r);
}

int cmd_domain_add(const struct call *call, struct error *err_r)
{
	return work_change(call, add, NULL, err_r);
}

static void show_row(void *context, const struct master_domain *domain)
{
	struct output *out = context;

	output_string(out, domain->name);
	output_string(out, domain->delimiters);
	output_bool(out, domain->case_sensitive);
	output_string(out, domain->alias_of);
	output_number(out, domain->addresses);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "domain",	 "delimiters",
					       "case_sensitive", "alias_of",
					       "addresses",	 NULL };

	(void)context;
	output_table(call->out, columns);
	return master_domain_list(master, show_row, call->out, err_r);
}

int cmd_domain_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static int remove_domain(struct master *master, const struct call *call,
			 void *context, struct error *err_r)
{
	(void)context;
	return master_domain_remove(master, call->argv[0], err_r);
}

int cmd_domain_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_domain, NULL, err_r);
}
