#include "admin/master-internal.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

int master_group_add(struct master *master, const char *group,
		     struct error *err_r)
{
	char *name;
	int found, result = -1;

	if (account_name_parse(&name, group + (group[0] == '%'), err_r) < 0)
		return -1;
	found = master_find(master, NULL, err_r,
			    "SELECT 1 FROM groups WHERE name = ?1", "s", name);
	if (found > 0)
		error_set(err_r, "there is a group %s already", name);
	if (found == 0 && account_name_check_new(name, err_r) == 0 &&
	    master_run(master, err_r, "INSERT INTO groups VALUES (?1)", "s",
		       name) >= 0)
		result = 0;
	mem_free_string(&name);
	return result;
}

int master_group_remove(struct master *master, const char *group,
			struct master_removed *removed_r, struct error *err_r)
{
	char *name;
	int result = -1;

	*removed_r = (struct master_removed){ .keys = 0 };
	if (master_group_name(master, &name, group, err_r) < 0)
		return -1;
	removed_r->grants = master_run(
		master, err_r, "DELETE FROM grants WHERE group_name = ?1", "s",
		name);
	if (removed_r->grants >= 0)
		removed_r->memberships = master_run(
			master, err_r,
			"DELETE FROM members WHERE group_name = ?1", "s", name);
	if (removed_r->grants >= 0 && removed_r->memberships >= 0 &&
	    master_run(master, err_r, "DELETE FROM groups WHERE name = ?1", "s",
		       name) >= 0)
		result = 0;
	mem_free_string(&name);
	return result;
}

static int add_member(struct master *master, const char *group,
		      const char *account, struct error *err_r)
{
	int found = master_find(master, NULL, err_r,
				"SELECT 1 FROM members"
				" WHERE group_name = ?1 AND account = ?2",
				"ss", group, account);

	if (found > 0)
		error_set(err_r, "account %s is in group %s already", account,
			  group);
	if (found != 0)
		return -1;
	return master_run(master, err_r, "INSERT INTO members VALUES (?1, ?2)",
			  "ss", group, account) < 0
		       ? -1
		       : 0;
}

static int remove_member(struct master *master, const char *group,
			 const char *account, struct error *err_r)
{
	long long removed = master_run(master, err_r,
				       "DELETE FROM members"
				       " WHERE group_name = ?1"
				       " AND account = ?2",
				       "ss", group, account);

	if (removed == 0)
		return error_set(err_r, "account %s is not in group %s",
				 account, group);
	return removed < 0 ? -1 : 0;
}

static int with_member(struct master *master, const char *group,
		       const char *account,
		       int (*change)(struct master *master, const char *group,
				     const char *account, struct error *err_r),
		       struct error *err_r)
{
	char *group_name = NULL, *account_name = NULL;
	int result = -1;

	if (master_group_name(master, &group_name, group, err_r) == 0 &&
	    master_account_name(master, &account_name, account, err_r) == 0)
		result = change(master, group_name, account_name, err_r);
	mem_free_string(&account_name);
	mem_free_string(&group_name);
	return result;
}

int master_group_add_member(struct master *master, const char *group,
			    const char *account, struct error *err_r)
{
	return with_member(master, group, account, add_member, err_r);
}

int master_group_remove_member(struct master *master, const char *group,
			       const char *account, struct error *err_r)
{
	return with_member(master, group, account, remove_member, err_r);
}

int master_member_list(struct master *master,
		       void (*each)(void *context, const char *group,
				    const char *account),
		       void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement = master_query(master, err_r,
				 "SELECT g.name, m.account FROM groups g"
				 " LEFT JOIN members m ON m.group_name = g.name"
				 " ORDER BY g.name, m.account",
				 "");
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0)
		each(context, sqlite_column_string(statement, 0),
		     sqlite_column_string(statement, 1));
	sqlite_finalize(&statement);
	return found;
}

int master_account_groups(struct master *master, const char *account,
			  void (*each)(void *context, const char *group),
			  void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	char *name;
	int found;

	if (master_account_name(master, &name, account, err_r) < 0)
		return -1;
	statement = master_query(master, err_r,
				 "SELECT group_name FROM members"
				 " WHERE account = ?1 ORDER BY group_name",
				 "s", name);
	mem_free_string(&name);
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0)
		each(context, sqlite_column_string(statement, 0));
	sqlite_finalize(&statement);
	return found;
}
