#include "admin/commands.h"

#include "admin/call.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/work.h"
#include "common/mem.h"

#include <string.h>

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	(void)context;
	return master_group_add(master, call->argv[0], err_r);
}

int cmd_group_add(const struct call *call, struct error *err_r)
{
	return work_change(call, add, NULL, err_r);
}

/* Members come one by one; a row of the table is a whole group. */
struct listing {
	struct output *out;
	char *group; /* whose members are being listed */
};

static void end_group(struct listing *listing)
{
	if (listing->group != NULL)
		output_list_end(listing->out);
	mem_free_string(&listing->group);
}

static void show_member(void *context, const char *group, const char *account)
{
	struct listing *listing = context;

	if (listing->group == NULL || strcmp(listing->group, group) != 0) {
		end_group(listing);
		listing->group = mem_strdup(group);
		output_string(listing->out, group);
		output_list(listing->out);
	}
	if (account != NULL)
		output_string(listing->out, account);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "group", "members", NULL };
	struct listing listing = { .out = call->out };
	int result;

	(void)context;
	output_table(call->out, columns);
	result = master_member_list(master, show_member, &listing, err_r);
	end_group(&listing);
	return result;
}

int cmd_group_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static int remove_group(struct master *master, const struct call *call,
			void *context, struct error *err_r)
{
	static const char *const columns[] = { "removed", "memberships",
					       "grants", NULL };
	struct master_removed removed;

	(void)context;
	if (master_group_remove(master, call->argv[0], &removed, err_r) < 0)
		return -1;
	output_record(call->out, columns);
	output_string(call->out, call->argv[0]);
	output_number(call->out, removed.memberships);
	output_number(call->out, removed.grants);
	return 0;
}

int cmd_group_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_group, NULL, err_r);
}

static int add_member(struct master *master, const struct call *call,
		      void *context, struct error *err_r)
{
	(void)context;
	return master_group_add_member(master, call->argv[0], call->argv[1],
				       err_r);
}

int cmd_group_member_add(const struct call *call, struct error *err_r)
{
	return work_change(call, add_member, NULL, err_r);
}

static int remove_member(struct master *master, const struct call *call,
			 void *context, struct error *err_r)
{
	(void)context;
	return master_group_remove_member(master, call->argv[0], call->argv[1],
					  err_r);
}

int cmd_group_member_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_member, NULL, err_r);
}
