#include "admin/import-apply.h"

#include "admin/import-format.h"
#include "admin/master.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/sqlite.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

/* Each kind: add it; or look whether it is there (see master_compare_*). */

static int add_domain(struct master *master, const struct record *record,
		      struct error *err_r)
{
	struct sqlite *db = master_db(master);
	struct master_domain domain;
	int result;

	if (record_to_domain(&domain, record, err_r) < 0 ||
	    sqlite_exec(db, "SAVEPOINT domain;", err_r) < 0)
		return -1;
	/* Its rules may be refused when it is there already. */
	result = master_domain_add(master, domain.name, domain.delimiters,
				   domain.case_sensitive, domain.alias_of,
				   err_r);
	if (result < 0)
		(void)sqlite_exec(db, "ROLLBACK TO domain;", NULL);
	if (sqlite_exec(db, "RELEASE domain;", result < 0 ? NULL : err_r) < 0)
		result = -1;
	return result;
}

static int compare_domain(struct master *master, const struct record *record,
			  char **differs_r, struct error *err_r)
{
	struct master_domain domain;

	if (record_to_domain(&domain, record, err_r) < 0)
		return -1;
	return master_compare_domain(master, &domain, differs_r, err_r);
}

static int add_account(struct master *master, const struct record *record,
		       struct error *err_r)
{
	struct master_account account;

	if (record_to_account(&account, record, err_r) < 0)
		return -1;
	return master_account_put(master, &account, err_r);
}

static int compare_account(struct master *master, const struct record *record,
			   char **differs_r, struct error *err_r)
{
	struct master_account account;

	if (record_to_account(&account, record, err_r) < 0)
		return -1;
	return master_compare_account(master, &account, differs_r, err_r);
}

static int add_address(struct master *master, const struct record *record,
		       struct error *err_r)
{
	return master_address_add(master, record->field[0], record->field[1],
				  err_r);
}

static int compare_address(struct master *master, const struct record *record,
			   char **differs_r, struct error *err_r)
{
	const struct master_address address = { record->field[0],
						record->field[1] };

	return master_compare_address(master, &address, differs_r, err_r);
}

static int add_group(struct master *master, const struct record *record,
		     struct error *err_r)
{
	return master_group_add(master, record->field[0], err_r);
}

static int compare_group(struct master *master, const struct record *record,
			 char **differs_r, struct error *err_r)
{
	return master_compare_group(master, record->field[0], differs_r, err_r);
}

static int add_member(struct master *master, const struct record *record,
		      struct error *err_r)
{
	return master_group_add_member(master, record->field[0],
				       record->field[1], err_r);
}

static int compare_member(struct master *master, const struct record *record,
			  char **differs_r, struct error *err_r)
{
	return master_compare_member(master, record->field[0], record->field[1],
				     differs_r, err_r);
}

static int add_grant(struct master *master, const struct record *record,
		     struct error *err_r)
{
	struct master_grant grant;

	if (record_to_grant(&grant, record, err_r) < 0)
		return -1;
	return master_grant_add(master, &grant, err_r);
}

static int compare_grant(struct master *master, const struct record *record,
			 char **differs_r, struct error *err_r)
{
	struct master_grant grant;

	if (record_to_grant(&grant, record, err_r) < 0)
		return -1;
	return master_compare_grant(master, &grant, differs_r, err_r);
}

static int
add_key(struct master *master, const struct record *record, struct error *err_r)
{
	struct master_key key;

	if (record_to_key(&key, record, err_r) < 0)
		return -1;
	if (key.created == 0)
		key.created = time(NULL);
	return master_key_add(master, &key, err_r);
}

static int compare_key(struct master *master, const struct record *record,
		       char **differs_r, struct error *err_r)
{
	struct master_key key;

	if (record_to_key(&key, record, err_r) < 0)
		return -1;
	return master_compare_key(master, &key, differs_r, err_r);
}

static const struct {
	int (*add)(struct master *master, const struct record *record,
		   struct error *err_r);
	int (*compare)(struct master *master, const struct record *record,
		       char **differs_r, struct error *err_r);
} kinds[RECORD_KIND_COUNT] = {
	[RECORD_DOMAIN] = { add_domain, compare_domain },
	[RECORD_ACCOUNT] = { add_account, compare_account },
	[RECORD_ADDRESS] = { add_address, compare_address },
	[RECORD_GROUP] = { add_group, compare_group },
	[RECORD_MEMBER] = { add_member, compare_member },
	[RECORD_GRANT] = { add_grant, compare_grant },
	[RECORD_KEY] = { add_key, compare_key },
};

enum import_result import_result_of(const struct error *err)
{
	return err->sysexit == EX_DATAERR || err->sysexit == EX_NOUSER
		       ? IMPORT_REFUSED
		       : IMPORT_FAILED;
}

static void append_difference(struct error *err, const char *differs)
{
	struct error why = *err;

	error_set_as(err, why.sysexit, "%s; it differs in the field %s",
		     why.text, differs);
}

enum import_result import_apply_record(struct master *master,
				       const struct record *record,
				       struct error *err_r)
{
	enum import_result result;
	char *differs = NULL;

	if (kinds[record->kind].add(master, record, err_r) == 0)
		return IMPORT_ADDED;
	result = import_result_of(err_r);
	if (result == IMPORT_FAILED)
		return IMPORT_FAILED;
	/* Only what was refused is looked for: most is new. */
	if (kinds[record->kind].compare(master, record, &differs, NULL) < 0 ||
	    differs == NULL)
		return IMPORT_REFUSED;
	if (differs[0] == '\0')
		result = IMPORT_UNCHANGED;
	else
		append_difference(err_r, differs);
	mem_free_string(&differs);
	return result;
}

enum import_result
import_apply_line(struct master *master, const struct import_line *line,
		  enum record_kind *kind_r, struct error *err_r)
{
	*kind_r = line->record.kind;
	switch (line->means) {
	case IMPORT_OBJECT:
		return import_apply_record(master, &line->record, err_r);
	case IMPORT_ALIAS:
		return import_apply_alias(master, &line->record, err_r);
	case IMPORT_SENDER:
		return import_apply_sender(master, &line->record, kind_r,
					   err_r);
	}
	abort();
}
