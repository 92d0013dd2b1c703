#include "admin/master-internal.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

int master_compare_domain(struct master *master,
			  const struct master_domain *domain, char **differs_r,
			  struct error *err_r)
{
	char *name = NULL, *target = NULL;
	int found = -1;

	*differs_r = NULL;
	if (address_domain_parse(&name, domain->name, err_r) == 0 &&
	    (domain->alias_of == NULL ||
	     address_domain_parse(&target, domain->alias_of, err_r) == 0))
		found = master_find(
			master, differs_r, err_r,
			"SELECT CASE WHEN delimiters <> ?2 THEN 'delimiters'"
			" WHEN case_sensitive <> ?3 THEN 'flags'"
			" WHEN alias_of IS NOT ?4 THEN 'alias_of'"
			" ELSE '' END FROM domains WHERE name = ?1",
			"ssis", name, domain->delimiters,
			(long long)domain->case_sensitive, target);
	mem_free_string(&target);
	mem_free_string(&name);
	return found < 0 ? -1 : 0;
}

int master_compare_account(struct master *master,
			   const struct master_account *account,
			   char **differs_r, struct error *err_r)
{
	char *name;
	int found;

	*differs_r = NULL;
	if (account_name_parse(&name, account->name, err_r) < 0)
		return -1;
	found = master_find(master, differs_r, err_r,
			    "SELECT CASE WHEN enabled <> ?2 THEN 'state'"
			    " WHEN password IS NOT ?3 THEN 'password'"
			    " ELSE '' END FROM accounts WHERE name = ?1",
			    "sis", name, (long long)account->enabled,
			    account->password);
	mem_free_string(&name);
	return found < 0 ? -1 : 0;
}

int master_compare_address(struct master *master,
			   const struct master_address *address,
			   char **differs_r, struct error *err_r)
{
	struct master_place place;
	char *account = NULL;
	int found = -1;

	*differs_r = NULL;
	if (master_place(master, &place, address->address, err_r) < 0)
		return -1;
	if (account_name_parse(&account, address->account, err_r) == 0)
		found = master_find(
			master, differs_r, err_r,
			"SELECT CASE account WHEN ?2 THEN '' ELSE 'account' END"
			" FROM addresses WHERE key = ?1",
			"ss", place.key, account);
	mem_free_string(&account);
	master_place_release(&place);
	return found < 0 ? -1 : 0;
}

int master_compare_group(struct master *master, const char *group,
			 char **differs_r, struct error *err_r)
{
	char *name;
	int found;

	*differs_r = NULL;
	if (account_name_parse(&name, group + (group[0] == '%'), err_r) < 0)
		return -1;
	found = master_find(master, differs_r, err_r,
			    "SELECT '' FROM groups WHERE name = ?1", "s", name);
	mem_free_string(&name);
	return found < 0 ? -1 : 0;
}

int master_compare_member(struct master *master, const char *group,
			  const char *account, char **differs_r,
			  struct error *err_r)
{
	char *group_name = NULL, *account_name = NULL;
	int found = -1;

	*differs_r = NULL;
	if (master_group_name(master, &group_name, group, err_r) == 0 &&
	    master_account_name(master, &account_name, account, err_r) == 0)
		found = master_find(master, differs_r, err_r,
				    "SELECT '' FROM members"
				    " WHERE group_name = ?1 AND account = ?2",
				    "ss", group_name, account_name);
	mem_free_string(&account_name);
	mem_free_string(&group_name);
	return found < 0 ? -1 : 0;
}

int master_compare_grant(struct master *master,
			 const struct master_grant *grant, char **differs_r,
			 struct error *err_r)
{
	char *account = NULL, *group = NULL;
	struct master_place place;
	int found = -1;

	*differs_r = NULL;
	if (master_place(master, &place, grant->address, err_r) < 0)
		return -1;
	if ((grant->holder[0] == '%'
		     ? master_group_name(master, &group, grant->holder, err_r)
		     : master_account_name(master, &account, grant->holder,
					   err_r)) == 0)
		found = master_find(
			master, differs_r, err_r,
			"SELECT CASE WHEN until <> ?4 THEN 'until'"
			" WHEN on_behalf <> ?5 THEN 'flags' ELSE '' END"
			" FROM grants WHERE account IS ?1"
			" AND group_name IS ?2 AND key = ?3",
			"sssii", account, group, place.key,
			(long long)grant->until, (long long)grant->on_behalf);
	mem_free_string(&group);
	mem_free_string(&account);
	master_place_release(&place);
	return found < 0 ? -1 : 0;
}

int master_compare_key(struct master *master, const struct master_key *key,
		       char **differs_r, struct error *err_r)
{
	struct master_place login = { .key = NULL };
	char *account;
	int found;

	*differs_r = NULL;
	if (account_name_parse(&account, key->account, err_r) < 0)
		return -1;
	if (key->login != NULL &&
	    master_place(master, &login, key->login, err_r) < 0) {
		mem_free_string(&account);
		return -1;
	}
	found = master_find(
		master, differs_r, err_r,
		"SELECT CASE WHEN account <> ?2 THEN 'account'"
		" WHEN name <> ?3 THEN 'name' WHEN type <> ?4 THEN 'type'"
		" WHEN login_key IS NOT ?5 THEN 'login'"
		" WHEN no_preauth <> ?6 OR no_bare_submission <> ?7"
		" THEN 'flags' WHEN until <> ?8 THEN 'until'"
		" WHEN ?9 <> 0 AND created <> ?9 THEN 'created'"
		" ELSE '' END FROM keys WHERE fingerprint = ?1",
		"fssssiiii", &key->fingerprint, account, key->name, key->type,
		login.key, (long long)key->no_preauth,
		(long long)key->no_bare_submission, (long long)key->until,
		(long long)key->created);
	master_place_release(&login);
	mem_free_string(&account);
	return found < 0 ? -1 : 0;
}
