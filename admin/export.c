#include "admin/export.h"

#include "common/date.h"
#include "admin/master.h"
#include "admin/record.h"
#include "common/account-name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct export
{
	void (*each)(void *context, const struct record *record);
	void *context;
	bool aliases;			  /* of all domains, those now */
	char group[ACCOUNT_NAME_MAX + 1]; /* whose members come */
};

static void put(const struct export *export, const struct record *record)
{
	export->each(export->context, record);
}

static void format_time(char text_r[DATE_TEXT_SIZE], time_t time)
{
	text_r[0] = '\0';
	if (time != 0)
		date_format(text_r, time);
}

static void format_end(char text_r[DATE_TEXT_SIZE], time_t time)
{
	text_r[0] = '\0';
	if (time != 0)
		date_format_end(text_r, time);
}

static void put_domain(void *context, const struct master_domain *domain)
{
	const struct export *export = context;
	const struct record record = {
		RECORD_DOMAIN,
		{ domain->name, domain->delimiters,
		  domain->case_sensitive ? "case-sensitive" : NULL,
		  domain->alias_of }
	};

	if ((domain->alias_of != NULL) == export->aliases)
		put(export, &record);
}

static void put_account(void *context, const struct master_account *account)
{
	const struct record record = {
		RECORD_ACCOUNT,
		{ account->name, account->enabled ? "enabled" : "disabled",
		  account->password }
	};

	put(context, &record);
}

static void put_address(void *context, const struct master_address *address)
{
	const struct record record = { RECORD_ADDRESS,
				       { address->address, address->account } };

	put(context, &record);
}

/* Members come sorted by group; a group without any comes with NULL. */
static void put_member(void *context, const char *group, const char *account)
{
	struct export *export = context;
	const struct record head = { RECORD_GROUP, { group } };
	const struct record member = { RECORD_MEMBER, { group, account } };

	if (strcmp(export->group, group) != 0)
		put(export, &head);
	(void)snprintf(export->group, sizeof(export->group), "%s", group);
	if (account != NULL)
		put(export, &member);
}

static void put_grant(void *context, const struct master_grant *grant)
{
	char until[DATE_TEXT_SIZE];
	const struct record record = { RECORD_GRANT,
				       { grant->holder, grant->address,
					 grant->on_behalf ? "on-behalf" : NULL,
					 until } };

	format_end(until, grant->until);
	put(context, &record);
}

static const char *key_flags(const struct master_key *key)
{
	if (key->no_preauth && key->no_bare_submission)
		return "no-preauth,no-bare-submission";
	if (key->no_preauth)
		return "no-preauth";
	return key->no_bare_submission ? "no-bare-submission" : NULL;
}

static void put_key(void *context, const struct master_key *key)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	char created[DATE_TEXT_SIZE], until[DATE_TEXT_SIZE];
	const struct record record = { RECORD_KEY,
				       { fingerprint, key->account, key->name,
					 key->type, key->login, key_flags(key),
					 created, until } };

	fingerprint_format(fingerprint, &key->fingerprint);
	format_time(created, key->created);
	format_end(until, key->until);
	put(context, &record);
}

int export_records(struct master *master,
		   void (*each)(void *context, const struct record *record),
		   void *context, struct error *err_r)
{
	struct export export = { .each = each, .context = context };

	if (master_domain_list(master, put_domain, &export, err_r) < 0)
		return -1;
	export.aliases = true;
	if (master_domain_list(master, put_domain, &export, err_r) < 0 ||
	    master_account_list(master, NULL, put_account, &export, err_r) <
		    0 ||
	    master_address_list(master, NULL, put_address, &export, err_r) <
		    0 ||
	    master_member_list(master, put_member, &export, err_r) < 0 ||
	    master_grant_list(master, NULL, put_grant, &export, err_r) < 0)
		return -1;
	return master_key_list(master, NULL, put_key, &export, err_r);
}
