#include "admin/commands.h"

#include "admin/call.h"
#include "admin/kick.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/password.h"
#include "admin/work.h"
#include "common/account-name.h"
#include "common/mem.h"

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	(void)context;
	return master_account_add(master, call->argv[0], err_r);
}

int cmd_account_add(const struct call *call, struct error *err_r)
{
	return work_change(call, add, NULL, err_r);
}

static void show_row(void *context, const struct master_account *account)
{
	struct output *out = context;

	output_string(out, account->name);
	output_bool(out, account->enabled);
	output_bool(out, account->password != NULL);
	output_number(out, account->addresses);
	output_number(out, account->keys);
}

static int list(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "account",  "enabled",
					       "password", "addresses",
					       "keys",	   NULL };

	(void)context;
	output_table(call->out, columns);
	return master_account_list(master, NULL, show_row, call->out, err_r);
}

int cmd_account_list(const struct call *call, struct error *err_r)
{
	return work_read(call, list, NULL, err_r);
}

static void show_head(void *context, const struct master_account *account)
{
	struct output *out = context;

	output_string(out, account->name);
	output_bool(out, account->enabled);
	output_bool(out, account->password != NULL);
}

static void show_address(void *context, const struct master_address *address)
{
	output_string(context, address->address);
}

static void show_group(void *context, const char *group)
{
	output_string(context, group);
}

static void show_grant(void *context, const struct master_grant *grant)
{
	output_string(context, grant->address);
}

static void show_key(void *context, const struct master_key *key)
{
	char text[FINGERPRINT_TEXT_SIZE];

	fingerprint_format(text, &key->fingerprint);
	output_string(context, text);
}

static int show(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	static const char *const columns[] = { "account",  "enabled",
					       "password", "addresses",
					       "groups",   "grants",
					       "keys",	   NULL };
	const char *name = call->argv[0];
	struct output *out = call->out;

	(void)context;
	output_record(out, columns);
	if (master_account_list(master, name, show_head, out, err_r) < 0)
		return -1;
	output_list(out);
	if (master_address_list(master, name, show_address, out, err_r) < 0)
		return -1;
	output_list_end(out);
	output_list(out);
	if (master_account_groups(master, name, show_group, out, err_r) < 0)
		return -1;
	output_list_end(out);
	output_list(out);
	if (master_grant_list(master, name, show_grant, out, err_r) < 0)
		return -1;
	output_list_end(out);
	output_list(out);
	if (master_key_list(master, name, show_key, out, err_r) < 0)
		return -1;
	output_list_end(out);
	return 0;
}

int cmd_account_show(const struct call *call, struct error *err_r)
{
	return work_read(call, show, NULL, err_r);
}

static int enable(struct master *master, const struct call *call, void *context,
		  struct error *err_r)
{
	(void)context;
	return master_account_enable(master, call->argv[0], true, err_r);
}

int cmd_account_enable(const struct call *call, struct error *err_r)
{
	return work_change(call, enable, NULL, err_r);
}

static int disable(struct master *master, const struct call *call,
		   void *context, struct error *err_r)
{
	(void)context;
	return master_account_enable(master, call->argv[0], false, err_r);
}

int cmd_account_disable(const struct call *call, struct error *err_r)
{
	char *name = NULL;
	int status;

	if (kick_check(call, err_r) < 0)
		return -1;
	status = work_change(call, disable, NULL, err_r);
	if (status == 0)
		status = account_name_parse(&name, call->argv[0], err_r);
	if (status == 0)
		status = kick_account(call, name, err_r);
	mem_free_string(&name);
	return status;
}

static int remove_account(struct master *master, const struct call *call,
			  void *context, struct error *err_r)
{
	static const char *const columns[] = { "removed",     "addresses",
					       "memberships", "grants",
					       "keys",	      NULL };
	struct master_removed removed;

	(void)context;
	if (master_account_remove(master, call->argv[0], &removed, err_r) < 0)
		return -1;
	output_record(call->out, columns);
	output_string(call->out, call->argv[0]);
	output_number(call->out, removed.addresses);
	output_number(call->out, removed.memberships);
	output_number(call->out, removed.grants);
	output_number(call->out, removed.keys);
	return 0;
}

int cmd_account_remove(const struct call *call, struct error *err_r)
{
	return work_change(call, remove_account, NULL, err_r);
}

static int set_password(struct master *master, const struct call *call,
			void *context, struct error *err_r)
{
	return master_account_set_password(master, call->argv[0], context,
					   err_r);
}

/* Read and hashed before the directory is locked: that may take a while. */
int cmd_account_passwd(const struct call *call, struct error *err_r)
{
	enum password_hash scheme = PASSWORD_YESCRYPT;
	const char *name = call_option(call, "scheme");
	char *password, *hash = NULL;
	int status = -1;

	if ((name != NULL && password_hash_parse(&scheme, name, err_r) < 0) ||
	    password_read(&password, err_r) < 0)
		return -1;
	if (password_hash(&hash, password, scheme, err_r) == 0)
		status = work_change(call, set_password, hash, err_r);
	mem_wipe_string(&password);
	mem_wipe_string(&hash);
	return status;
}
