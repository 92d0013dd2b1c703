#include "admin/import-apply.h"

#include "admin/master-internal.h"
#include "common/account-name.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

/* Postfix's maps: what they say of an address depends on the directory. */

/* Whose the address is, exactly: 1, 0 or -1. */
static int find_owner(struct master *master, const struct master_place *place,
		      char **owner_r, struct error *err_r)
{
	return master_find(master, owner_r, err_r,
			   "SELECT account FROM addresses WHERE key = ?1", "s",
			   place->key);
}

static int find_account(struct master *master, const char *text,
			char **account_r, struct error *err_r)
{
	struct error no_name;
	char *name;
	int found;

	*account_r = NULL;
	if (account_name_parse(&name, text, &no_name) < 0)
		return 0;
	found = master_find(master, account_r, err_r,
			    "SELECT name FROM accounts WHERE name = ?1", "s",
			    name);
	mem_free_string(&name);
	return found;
}

static int find_by_address(struct master *master, const char *text,
			   char **account_r, struct error *err_r)
{
	struct master_place place;
	int found;

	if (master_place(master, &place, text, err_r) < 0)
		return -1;
	found = place.whole_domain || place.delimited
			? 0
			: find_owner(master, &place, account_r, err_r);
	if (found == 0 && !place.served)
		error_set(err_r,
			  "%s is elsewhere, and an address of the directory is "
			  "an account's; leave the line in a map of your own",
			  text);
	else if (found == 0)
		error_set(err_r, "%s is no account and no address of one",
			  text);
	master_place_release(&place);
	return found > 0 ? 0 : -1;
}

/* The account that a word of a map means: its name, or one of its addresses. */
static int resolve(struct master *master, const char *text, char **account_r,
		   struct error *err_r)
{
	int found = find_account(master, text, account_r, err_r);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (strchr(text, '@') == NULL)
		return error_set(err_r, "there is no account %s", text);
	return find_by_address(master, text, account_r, err_r);
}

enum import_result import_apply_alias(struct master *master,
				      const struct record *record,
				      struct error *err_r)
{
	struct record address = { RECORD_ADDRESS, { record->field[0] } };
	enum import_result result;
	char *account;

	if (resolve(master, record->field[1], &account, err_r) < 0)
		return import_result_of(err_r);
	address.field[1] = account;
	result = import_apply_record(master, &address, err_r);
	mem_free_string(&account);
	return result;
}

/* Anybody else's address, or one that several write as. */
static enum import_result grant(struct master *master, const char *account,
				const char *address, enum record_kind *kind_r,
				struct error *err_r)
{
	const struct record record = { RECORD_GRANT, { account, address } };

	*kind_r = RECORD_GRANT;
	return import_apply_record(master, &record, err_r);
}

/* All of a domain is never given by guess. */
static enum import_result check_domain(struct master *master,
				       const struct master_place *place,
				       const char *account, struct error *err_r)
{
	int found = master_find(master, NULL, err_r,
				"SELECT 1 FROM grants"
				" WHERE account = ?1 AND key = ?2",
				"ss", account, place->key);

	if (found < 0)
		return IMPORT_FAILED;
	if (found > 0)
		return IMPORT_UNCHANGED;
	error_set(err_r,
		  "%s is a whole domain: \"countersign grant add\" lets %s "
		  "write as all of it, \"address add\" gives it the mail that "
		  "nobody has too; do what is meant and leave this line out",
		  place->address, account);
	return IMPORT_REFUSED;
}

static enum import_result
apply_to(struct master *master, const struct record *record,
	 const struct master_place *place, const char *account,
	 enum record_kind *kind_r, struct error *err_r)
{
	const struct record own = { RECORD_ADDRESS,
				    { record->field[0], account } };
	bool alone = record->field[2] == NULL, is_own;
	char *owner = NULL;
	int found;

	found = find_owner(master, place, &owner, err_r);
	if (found < 0)
		return IMPORT_FAILED;
	is_own = found > 0 && strcmp(owner, account) == 0;
	mem_free_string(&owner);
	if (is_own)
		return IMPORT_UNCHANGED;
	if (place->whole_domain)
		return check_domain(master, place, account, err_r);
	if (found == 0 && alone)
		return import_apply_record(master, &own, err_r);
	return grant(master, account, record->field[0], kind_r, err_r);
}

enum import_result
import_apply_sender(struct master *master, const struct record *record,
		    enum record_kind *kind_r, struct error *err_r)
{
	struct master_place place = { .key = NULL };
	enum import_result result;
	char *account = NULL;

	*kind_r = RECORD_ADDRESS;
	if (master_place(master, &place, record->field[0], err_r) < 0)
		return import_result_of(err_r);
	if (!place.served) {
		error_set(err_r,
			  "%s: domain %s is not in the directory; run "
			  "\"countersign domain add %s\" first, or leave the "
			  "line out and use \"countersign grant add\"",
			  place.address, place.domain, place.domain);
		result = IMPORT_REFUSED;
	} else if (resolve(master, record->field[1], &account, err_r) < 0) {
		result = import_result_of(err_r);
	} else {
		result = apply_to(master, record, &place, account, kind_r,
				  err_r);
	}
	mem_free_string(&account);
	master_place_release(&place);
	return result;
}
