#include "common/directory-backend.h"

#include "common/account-name.h"
#include "common/address.h"
#include "common/directory-schema.h"
#include "common/directory-snapshot.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/public-key.h"
#include "common/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct sqlite_directory {
	struct directory directory;
	struct snapshot *snapshot;
};

static struct sqlite_directory *from(struct directory *dir)
{
	return (struct sqlite_directory *)dir;
}

/* Before each question; none if the state is held and has been looked at. */
static int refresh(struct sqlite_directory *dir, struct error *err_r)
{
	if (dir->directory.looked && snapshot_is_open(dir->snapshot))
		return 0;
	if (snapshot_refresh(dir->snapshot, err_r) < 0)
		return -1;
	dir->directory.looked = dir->directory.held;
	return 0;
}

static char *column_text_or_null(struct sqlite_stmt *statement, int column)
{
	const char *text = sqlite_column_string(statement, column);

	return text != NULL ? mem_strdup(text) : NULL;
}

static enum directory_result
sqlite_dir_key(struct directory *base, const struct fingerprint *fingerprint,
	       time_t now, struct directory_key *key_r, struct error *err_r)
{
	struct sqlite_directory *dir = from(base);
	struct sqlite_stmt *statement;
	enum directory_result result;

	if (refresh(dir, err_r) < 0)
		return DIRECTORY_FAILED;
	statement = snapshot_statement(dir->snapshot, SNAPSHOT_KEY);
	sqlite_bind_blob(statement, 1, fingerprint->sha256,
			 sizeof(fingerprint->sha256));
	result = snapshot_ask(dir->snapshot, statement, err_r);
	if (result == DIRECTORY_FAILED)
		return result;
	if (result == DIRECTORY_NO) {
		sqlite_reset(statement);
		error_set_as(err_r, EX_NOUSER, "no account has this key");
		return result;
	}
	*key_r = (struct directory_key){
		.account = snapshot_text(statement, 0),
		.account_enabled = sqlite_column_integer(statement, 1) == 1,
		.name = snapshot_text(statement, 2),
		.login = column_text_or_null(statement, 3),
		.no_preauth = sqlite_column_integer(statement, 4) != 0,
		.no_bare_submission = sqlite_column_integer(statement, 5) != 0,
		.until = (time_t)sqlite_column_integer(statement, 6),
	};
	sqlite_reset(statement);
	if (key_r->until == 0 || now < key_r->until)
		return DIRECTORY_YES;
	error_set_as(err_r, EX_NOPERM,
		     "the end date of key \"%s\" of account %s has come",
		     key_r->name, key_r->account);
	directory_key_release(key_r);
	return DIRECTORY_NO;
}

static enum directory_result
copy_account(struct sqlite_directory *dir, const char *name,
	     struct directory_account *account_r, struct error *err_r)
{
	const struct directory_account *found;
	enum directory_result result =
		snapshot_find_account(dir->snapshot, name, &found, err_r);

	if (result == DIRECTORY_YES) {
		account_r->name = mem_strdup(found->name);
		account_r->enabled = found->enabled;
	}
	return result;
}

/* The keys that an address is found under; NO for a foreign domain. */
struct keys {
	char *exact;
	char *domain; /* "@domain" */
};

static void keys_release(struct keys *keys)
{
	mem_free_string(&keys->exact);
	mem_free_string(&keys->domain);
}

static enum directory_result find_keys(struct sqlite_directory *dir,
				       const struct address *address,
				       struct keys *keys_r, struct error *err_r)
{
	const struct address_rules *rules = &address_rules_foreign;
	struct address target = *address;
	const struct snapshot_domain *domain;
	enum directory_result result = snapshot_find_domain(
		dir->snapshot, address->domain, &domain, err_r);

	if (result == DIRECTORY_FAILED)
		return result;
	if (domain != NULL) {
		target.domain = domain->target;
		rules = &domain->rules;
	}
	keys_r->exact = address_key(&target, rules);
	keys_r->domain = mem_printf("@%s", target.domain);
	return result;
}

/*
 * Whose address is it? An exact one decides before a whole domain. *account_r
 is valid until the next is asked for.
 */
static enum directory_result
find_owner(struct sqlite_directory *dir, const struct keys *keys,
	   const char **account_r, struct error *err_r)
{
	enum directory_result result = snapshot_find_owner(
		dir->snapshot, keys->exact, account_r, err_r);

	return result == DIRECTORY_NO
		       ? snapshot_find_owner(dir->snapshot, keys->domain,
					     account_r, err_r)
		       : result;
}

static enum directory_result
sqlite_dir_login(struct directory *base, const char *login,
		 struct directory_account *account_r, struct error *err_r)
{
	struct sqlite_directory *dir = from(base);
	enum directory_result result = DIRECTORY_NO;
	struct keys keys = { .exact = NULL };
	struct address address;
	const char *owner;
	char *name;

	if (refresh(dir, err_r) < 0)
		return DIRECTORY_FAILED;
	if (account_name_parse(&name, login, NULL) == 0) {
		result = copy_account(dir, name, account_r, err_r);
		mem_free_string(&name);
	}
	if (result != DIRECTORY_NO || address_parse(&address, login, NULL) < 0)
		return result;
	result = find_keys(dir, &address, &keys, err_r);
	if (result == DIRECTORY_YES)
		result = find_owner(dir, &keys, &owner, err_r);
	if (result == DIRECTORY_YES)
		result = copy_account(dir, owner, account_r, err_r);
	keys_release(&keys);
	address_release(&address);
	return result;
}

static enum directory_result
sqlite_dir_owns(struct directory *base, const char *account,
		const struct address *address, struct error *err_r)
{
	struct sqlite_directory *dir = from(base);
	struct keys keys = { .exact = NULL };
	enum directory_result result;
	const char *owner;

	if (refresh(dir, err_r) < 0)
		return DIRECTORY_FAILED;
	result = find_keys(dir, address, &keys, err_r);
	if (result == DIRECTORY_YES)
		result = find_owner(dir, &keys, &owner, err_r);
	if (result == DIRECTORY_YES && strcmp(owner, account) != 0)
		result = DIRECTORY_NO;
	keys_release(&keys);
	return result;
}

static enum directory_result
sqlite_dir_is_member(struct directory *base, const char *account,
		     const char *group, struct error *err_r)
{
	struct sqlite_directory *dir = from(base);
	struct sqlite_stmt *statement;
	enum directory_result result;

	if (refresh(dir, err_r) < 0)
		return DIRECTORY_FAILED;
	statement = snapshot_statement(dir->snapshot, SNAPSHOT_MEMBER);
	sqlite_bind_string(statement, 1, group);
	sqlite_bind_string(statement, 2, account);
	result = snapshot_ask(dir->snapshot, statement, err_r);
	if (result != DIRECTORY_FAILED)
		sqlite_reset(statement);
	return result;
}

static enum directory_permission
find_grant_of(struct sqlite_directory *dir, const char *account,
	      const char *key, time_t now, struct error *err_r)
{
	struct sqlite_stmt *statement =
		snapshot_statement(dir->snapshot, SNAPSHOT_GRANT);
	enum directory_permission permission = DIRECTORY_PERMISSION_NO;
	enum directory_result result;

	sqlite_bind_string(statement, 1, account);
	sqlite_bind_string(statement, 2, key);
	sqlite_bind_integer(statement, 3, now);
	do {
		result = snapshot_ask(dir->snapshot, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return DIRECTORY_PERMISSION_FAILED;
		if (result == DIRECTORY_YES)
			permission = sqlite_column_integer(statement, 0) == 0
					     ? DIRECTORY_PERMISSION_GRANTED
					     : DIRECTORY_PERMISSION_ON_BEHALF;
	} while (result == DIRECTORY_YES &&
		 permission != DIRECTORY_PERMISSION_GRANTED);
	sqlite_reset(statement);
	return permission;
}

/* Of the address or its whole domain; on behalf only where all of them are. */
static enum directory_permission
find_grant(struct sqlite_directory *dir, const char *account,
	   const struct keys *keys, time_t now, struct error *err_r)
{
	enum directory_permission exact, domain;

	exact = find_grant_of(dir, account, keys->exact, now, err_r);
	if (exact == DIRECTORY_PERMISSION_FAILED ||
	    exact == DIRECTORY_PERMISSION_GRANTED)
		return exact;
	domain = find_grant_of(dir, account, keys->domain, now, err_r);
	return domain == DIRECTORY_PERMISSION_NO ? exact : domain;
}

static enum directory_permission
may_send_as(struct sqlite_directory *dir, const char *account,
	    const struct keys *keys, bool served, time_t now,
	    struct error *err_r)
{
	const char *owner = "";

	if (served && find_owner(dir, keys, &owner, err_r) == DIRECTORY_FAILED)
		return DIRECTORY_PERMISSION_FAILED;
	return strcmp(owner, account) == 0
		       ? DIRECTORY_PERMISSION_OWN
		       : find_grant(dir, account, keys, now, err_r);
}

static enum directory_permission
sqlite_dir_may_send_as(struct directory *base, const char *account,
		       const struct address *address, time_t now,
		       struct error *err_r)
{
	struct sqlite_directory *dir = from(base);
	const struct directory_account *holder;
	enum directory_permission permission;
	struct keys keys = { .exact = NULL };
	enum directory_result result;

	if (refresh(dir, err_r) < 0)
		return DIRECTORY_PERMISSION_FAILED;
	result = snapshot_find_account(dir->snapshot, account, &holder, err_r);
	if (result == DIRECTORY_FAILED)
		return DIRECTORY_PERMISSION_FAILED;
	if (result == DIRECTORY_NO || !holder->enabled)
		return DIRECTORY_PERMISSION_NO;
	result = find_keys(dir, address, &keys, err_r);
	if (result == DIRECTORY_FAILED)
		return DIRECTORY_PERMISSION_FAILED;
	permission = may_send_as(dir, account, &keys, result == DIRECTORY_YES,
				 now, err_r);
	keys_release(&keys);
	return permission;
}

static int sqlite_dir_open(struct directory **dir_r, const char *location,
			   struct error *err_r)
{
	struct sqlite_directory *dir;
	char *path;

	if (location[0] != '/')
		return error_set_as(err_r, EX_CONFIG,
				    "\"sqlite:%s\": the folder must begin "
				    "with a slash",
				    location);
	dir = mem_alloc(sizeof(*dir));
	dir->directory.backend = &directory_sqlite;
	path = mem_printf("%s/%s", location, DIRECTORY_PUBLISHED_FILE);
	dir->snapshot = snapshot_new(path);
	mem_free_string(&path);
	*dir_r = &dir->directory;
	return 0;
}

static void sqlite_dir_close(struct directory *base)
{
	struct sqlite_directory *dir = from(base);

	snapshot_free(&dir->snapshot);
	free(dir);
}

const struct directory_backend directory_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_dir_open,
	.close = sqlite_dir_close,
	.key = sqlite_dir_key,
	.login = sqlite_dir_login,
	.owns = sqlite_dir_owns,
	.is_member = sqlite_dir_is_member,
	.may_send_as = sqlite_dir_may_send_as,
};
