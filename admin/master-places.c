#include "admin/master-internal.h"

#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int find_name(struct master *master, char **name_r, const char *text,
		     const char *what, const char *sql, struct error *err_r)
{
	char *name = NULL;
	int found;

	*name_r = NULL;
	if (account_name_parse(&name, text, err_r) < 0)
		return -1;
	found = master_find(master, name_r, err_r, sql, "s", name);
	if (found == 0)
		error_set_as(err_r, EX_NOUSER, "there is no %s %s", what, name);
	mem_free_string(&name);
	return found > 0 ? 0 : -1;
}

int master_account_name(struct master *master, char **name_r, const char *text,
			struct error *err_r)
{
	return find_name(master, name_r, text, "account",
			 "SELECT name FROM accounts WHERE name = ?1", err_r);
}

int master_group_name(struct master *master, char **name_r, const char *text,
		      struct error *err_r)
{
	return find_name(master, name_r, text + (text[0] == '%'), "group",
			 "SELECT name FROM groups WHERE name = ?1", err_r);
}

/* The domain that place is in, with its rules. */
static int find_rules(struct master *master, struct master_place *place,
		      struct address_rules *rules_r, struct error *err_r)
{
	struct sqlite_stmt *statement;
	const char *delimiters;
	int found;

	*rules_r = address_rules_foreign;
	statement = master_query(
		master, err_r,
		"SELECT t.name, t.delimiters, t.case_sensitive FROM domains d"
		" JOIN domains t ON t.name = coalesce(d.alias_of, d.name)"
		" WHERE d.name = ?1",
		"s", place->domain);
	if (statement == NULL)
		return -1;
	found = sqlite_step(statement, err_r);
	if (found > 0) {
		place->served = true;
		place->target = mem_strdup(sqlite_column_string(statement, 0));
		delimiters = sqlite_column_string(statement, 1);
		(void)snprintf(rules_r->delimiters, sizeof(rules_r->delimiters),
			       "%s", delimiters);
		rules_r->case_sensitive =
			sqlite_column_integer(statement, 2) != 0;
	} else if (found == 0) {
		place->target = mem_strdup(place->domain);
	}
	sqlite_finalize(&statement);
	return found < 0 ? -1 : 0;
}

/* The local part as it is compared with and without delimiters. */
static void set_keys(struct master_place *place, const struct address *address,
		     const struct address_rules *rules)
{
	struct address_rules whole = { .case_sensitive =
					       rules->case_sensitive };
	struct address target = { .local = address->local,
				  .domain = place->target };
	char *uncut = address_key(&target, &whole);

	place->key = address_key(&target, rules);
	place->delimited = strcmp(place->key, uncut) != 0;
	mem_free_string(&uncut);
}

int master_place(struct master *master, struct master_place *place_r,
		 const char *text, struct error *err_r)
{
	struct address address = { .local = NULL };
	struct address_rules rules;

	*place_r = (struct master_place){ .whole_domain = text[0] == '@' };
	if (place_r->whole_domain) {
		if (address_domain_parse(&place_r->domain, text + 1, err_r) < 0)
			return -1;
		place_r->address = mem_printf("@%s", place_r->domain);
	} else {
		if (address_parse(&address, text, err_r) < 0)
			return -1;
		place_r->domain = mem_strdup(address.domain);
		place_r->address = address_format(&address);
	}
	if (find_rules(master, place_r, &rules, err_r) < 0) {
		address_release(&address);
		master_place_release(place_r);
		return -1;
	}
	if (place_r->whole_domain)
		place_r->key = mem_printf("@%s", place_r->target);
	else
		set_keys(place_r, &address, &rules);
	address_release(&address);
	return 0;
}

void master_place_release(struct master_place *place)
{
	mem_free_string(&place->address);
	mem_free_string(&place->domain);
	mem_free_string(&place->target);
	mem_free_string(&place->key);
}
