#include "common/directory-backend.h"

#include "common/account-name.h"
#include "common/address.h"
#include "common/directory-schema.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/public-key.h"
#include "common/recent.h"
#include "common/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum question {
	QUESTION_VERSION,
	QUESTION_KEY,
	QUESTION_ACCOUNT,
	QUESTION_DOMAIN,
	QUESTION_ADDRESS,
	QUESTION_MEMBER,
	QUESTION_GRANT,
	QUESTION_COUNT,
};

static const char *const questions[QUESTION_COUNT] = {
	[QUESTION_VERSION] = "SELECT user_version FROM pragma_user_version",
	[QUESTION_KEY] =
		"SELECT k.account, a.enabled, k.name, k.login, k.no_preauth,"
		" k.no_bare_submission, k.until"
		" FROM keys k JOIN accounts a ON a.name = k.account"
		" WHERE k.fingerprint = ?1",
	[QUESTION_ACCOUNT] =
		"SELECT name, enabled FROM accounts WHERE name = ?1",
	/* The rules of an alias domain are its target's. */
	[QUESTION_DOMAIN] =
		"SELECT t.name, t.delimiters, t.case_sensitive"
		" FROM domains d"
		" JOIN domains t ON t.name = coalesce(d.alias_of, d.name)"
		" WHERE d.name = ?1",
	[QUESTION_ADDRESS] = "SELECT account FROM addresses WHERE key = ?1",
	[QUESTION_MEMBER] =
		"SELECT 1 FROM members WHERE group_name = ?1 AND account = ?2",
	/* Of the account, then of its groups; no temporary table is built. */
	[QUESTION_GRANT] =
		"SELECT on_behalf FROM grants"
		" WHERE key = ?2 AND holder = ?1 AND (until = 0 OR until > ?3)"
		" UNION ALL"
		" SELECT g.on_behalf FROM members m CROSS JOIN grants g"
		" ON g.key = ?2 AND g.holder = '%' || m.group_name"
		" WHERE m.account = ?1 AND (g.until = 0 OR g.until > ?3)",
};

/* Of a domain that is served. */
struct domain {
	char *target; /* itself, or what it is an alias of */
	struct address_rules rules;
};

struct sqlite_directory {
	struct directory directory;
	char *path;
	struct sqlite *db; /* NULL: to be opened at the next question */
	/* Keeps the inode of the open file from being given to another. */
	int fd;
	dev_t device;
	ino_t inode;
	struct sqlite_stmt *statements[QUESTION_COUNT];
	/* Of the open file, which never changes: no need to ask it again. */
	struct recent accounts; /* struct directory_account */
	struct recent domains;	/* struct domain */
	struct recent owners;	/* by key: an account's name, or "" */
};

static struct sqlite_directory *from(struct directory *dir)
{
	return (struct sqlite_directory *)dir;
}

static void forget_file(struct sqlite_directory *dir)
{
	size_t i;

	recent_clear(&dir->accounts);
	recent_clear(&dir->domains);
	recent_clear(&dir->owners);
	for (i = 0; i < QUESTION_COUNT; i++)
		sqlite_finalize(&dir->statements[i]);
	sqlite_close(&dir->db);
	if (dir->fd >= 0)
		(void)close(dir->fd);
	dir->fd = -1;
	dir->directory.looked = false;
}

static int unavailable(const struct sqlite_directory *dir, struct error *err_r)
{
	int why = errno;

	return error_set_as(err_r, EX_UNAVAILABLE, "%s: %s%s", dir->path,
			    strerror(why),
			    why == ENOENT ? "; run \"countersign directory "
					    "init\", then \"countersign "
					    "directory publish\""
					  : "");
}

static bool
is_current(const struct sqlite_directory *dir, const struct stat *status)
{
	return status->st_dev == dir->device && status->st_ino == dir->inode;
}

static int prepare(struct sqlite_directory *dir, struct error *err_r)
{
	struct sqlite_stmt **statement = &dir->statements[QUESTION_VERSION];
	long long version;
	size_t i;

	if (sqlite_prepare(statement, dir->db, questions[QUESTION_VERSION],
			   err_r) < 0 ||
	    sqlite_step(*statement, err_r) < 0)
		return -1;
	version = sqlite_column_integer(*statement, 0);
	sqlite_reset(*statement);
	if (version != DIRECTORY_PUBLISHED_VERSION)
		return error_set_as(
			err_r, EX_UNAVAILABLE,
			"%s: version %lld of the directory's form, and %d is "
			"what is read here; upgrade all of Countersign, then "
			"run \"countersign directory publish\"",
			dir->path, version, DIRECTORY_PUBLISHED_VERSION);
	for (i = QUESTION_VERSION + 1; i < QUESTION_COUNT; i++) {
		if (sqlite_prepare(&dir->statements[i], dir->db, questions[i],
				   err_r) < 0)
			return -1;
	}
	return 0;
}

/*
 * The published file is replaced by rename only. Between our open and
 * SQLite's it may be, so look whether the name still means our inode, which
 * dir->fd keeps from being used again.
 */
static int open_file(struct sqlite_directory *dir, struct error *err_r)
{
	struct stat status;

	for (;;) {
		forget_file(dir);
		dir->fd = open(dir->path, O_RDONLY | O_CLOEXEC);
		if (dir->fd < 0 || fstat(dir->fd, &status) < 0)
			return unavailable(dir, err_r);
		dir->device = status.st_dev;
		dir->inode = status.st_ino;
		if (sqlite_open(&dir->db, dir->path, SQLITE_MODE_IMMUTABLE,
				err_r) < 0 ||
		    prepare(dir, err_r) < 0)
			return -1;
		if (stat(dir->path, &status) < 0)
			return unavailable(dir, err_r);
		if (is_current(dir, &status))
			return 0;
	}
}

/* Before each question: read what is published now. */
static int refresh(struct sqlite_directory *dir, struct error *err_r)
{
	struct stat status;
	int result = 0;

	if (dir->directory.looked)
		return 0;
	if (stat(dir->path, &status) < 0)
		result = unavailable(dir, err_r);
	else if (dir->db == NULL || !is_current(dir, &status))
		result = open_file(dir, err_r);
	if (result < 0)
		forget_file(dir);
	dir->directory.looked = result == 0 && dir->directory.held;
	return result;
}

/*
 * A failed step ends the connection: the next question opens the file anew,
 * which may by then be whole again.
 */
static enum directory_result ask(struct sqlite_directory *dir,
				 struct sqlite_stmt *statement,
				 struct error *err_r)
{
	int found = sqlite_step(statement, err_r);

	if (found < 0)
		forget_file(dir);
	return found < 0    ? DIRECTORY_FAILED
	       : found == 0 ? DIRECTORY_NO
			    : DIRECTORY_YES;
}

/* A column that may not be NULL, "" if a damaged file has it so. */
static char *column_text(struct sqlite_stmt *statement, int column)
{
	const char *text = sqlite_column_string(statement, column);

	return mem_strdup(text != NULL ? text : "");
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
	statement = dir->statements[QUESTION_KEY];
	sqlite_bind_blob(statement, 1, fingerprint->sha256,
			 sizeof(fingerprint->sha256));
	result = ask(dir, statement, err_r);
	if (result == DIRECTORY_FAILED)
		return result;
	if (result == DIRECTORY_NO) {
		sqlite_reset(statement);
		error_set_as(err_r, EX_NOUSER, "no account has this key");
		return result;
	}
	*key_r = (struct directory_key){
		.account = column_text(statement, 0),
		.account_enabled = sqlite_column_integer(statement, 1) == 1,
		.name = column_text(statement, 2),
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

/* Valid until the next one is looked for. */
static enum directory_result
find_account(struct sqlite_directory *dir, const char *name,
	     const struct directory_account **account_r, struct error *err_r)
{
	struct sqlite_stmt *statement = dir->statements[QUESTION_ACCOUNT];
	struct directory_account *account = recent_find(&dir->accounts, name);
	enum directory_result result = DIRECTORY_YES;

	if (account == NULL) {
		sqlite_bind_string(statement, 1, name);
		result = ask(dir, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		if (result == DIRECTORY_YES) {
			account = mem_alloc(sizeof(*account));
			account->name = column_text(statement, 0);
			account->enabled =
				sqlite_column_integer(statement, 1) == 1;
			recent_put(&dir->accounts, name, account);
		}
		sqlite_reset(statement);
	}
	*account_r = account;
	return result;
}

static enum directory_result
copy_account(struct sqlite_directory *dir, const char *name,
	     struct directory_account *account_r, struct error *err_r)
{
	const struct directory_account *found;
	enum directory_result result = find_account(dir, name, &found, err_r);

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

static struct domain *read_domain(struct sqlite_stmt *statement)
{
	const char *delimiters = sqlite_column_string(statement, 1);
	struct domain *domain = mem_alloc(sizeof(*domain));

	domain->target = column_text(statement, 0);
	domain->rules = address_rules_foreign;
	(void)snprintf(domain->rules.delimiters,
		       sizeof(domain->rules.delimiters), "%s",
		       delimiters != NULL ? delimiters : "");
	domain->rules.case_sensitive = sqlite_column_integer(statement, 2) != 0;
	return domain;
}

/* *domain_r is NULL for a foreign one, else valid until the next is looked
 * for. */
static enum directory_result
find_domain(struct sqlite_directory *dir, const char *name,
	    const struct domain **domain_r, struct error *err_r)
{
	struct sqlite_stmt *statement = dir->statements[QUESTION_DOMAIN];
	struct domain *domain = recent_find(&dir->domains, name);
	enum directory_result result = DIRECTORY_YES;

	if (domain == NULL) {
		sqlite_bind_string(statement, 1, name);
		result = ask(dir, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		if (result == DIRECTORY_YES) {
			domain = read_domain(statement);
			recent_put(&dir->domains, name, domain);
		}
		sqlite_reset(statement);
	}
	*domain_r = domain;
	return result;
}

static enum directory_result find_keys(struct sqlite_directory *dir,
				       const struct address *address,
				       struct keys *keys_r, struct error *err_r)
{
	const struct address_rules *rules = &address_rules_foreign;
	struct address target = *address;
	const struct domain *domain;
	enum directory_result result =
		find_domain(dir, address->domain, &domain, err_r);

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

/* *account_r: "" if it is nobody's; valid until the next one is asked for. */
static enum directory_result
find_owner_of(struct sqlite_directory *dir, const char *key,
	      const char **account_r, struct error *err_r)
{
	struct sqlite_stmt *statement = dir->statements[QUESTION_ADDRESS];
	char *account = recent_find(&dir->owners, key);

	if (account == NULL) {
		enum directory_result result;

		sqlite_bind_string(statement, 1, key);
		result = ask(dir, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		account = result == DIRECTORY_YES ? column_text(statement, 0)
						  : mem_strdup("");
		sqlite_reset(statement);
		recent_put(&dir->owners, key, account);
	}
	*account_r = account;
	return account[0] != '\0' ? DIRECTORY_YES : DIRECTORY_NO;
}

/*
 * Whose address is it? An exact one decides before a whole domain. *account_r
 * is as above.
 */
static enum directory_result
find_owner(struct sqlite_directory *dir, const struct keys *keys,
	   const char **account_r, struct error *err_r)
{
	enum directory_result result =
		find_owner_of(dir, keys->exact, account_r, err_r);

	return result == DIRECTORY_NO
		       ? find_owner_of(dir, keys->domain, account_r, err_r)
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
	statement = dir->statements[QUESTION_MEMBER];
	sqlite_bind_string(statement, 1, group);
	sqlite_bind_string(statement, 2, account);
	result = ask(dir, statement, err_r);
	if (result != DIRECTORY_FAILED)
		sqlite_reset(statement);
	return result;
}

static enum directory_permission
find_grant_of(struct sqlite_directory *dir, const char *account,
	      const char *key, time_t now, struct error *err_r)
{
	struct sqlite_stmt *statement = dir->statements[QUESTION_GRANT];
	enum directory_permission permission = DIRECTORY_PERMISSION_NO;
	enum directory_result result;

	sqlite_bind_string(statement, 1, account);
	sqlite_bind_string(statement, 2, key);
	sqlite_bind_integer(statement, 3, now);
	do {
		result = ask(dir, statement, err_r);
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
	result = find_account(dir, account, &holder, err_r);
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

static void release_account(void *value)
{
	directory_account_release(value);
	free(value);
}

static void release_domain(void *value)
{
	struct domain *domain = value;

	mem_free_string(&domain->target);
	free(domain);
}

static int sqlite_dir_open(struct directory **dir_r, const char *location,
			   struct error *err_r)
{
	struct sqlite_directory *dir;

	if (location[0] != '/')
		return error_set_as(err_r, EX_CONFIG,
				    "\"sqlite:%s\": the folder must begin "
				    "with a slash",
				    location);
	dir = mem_alloc(sizeof(*dir));
	dir->directory.backend = &directory_sqlite;
	dir->path = mem_printf("%s/%s", location, DIRECTORY_PUBLISHED_FILE);
	dir->fd = -1;
	recent_init(&dir->accounts, release_account);
	recent_init(&dir->domains, release_domain);
	recent_init(&dir->owners, free);
	*dir_r = &dir->directory;
	return 0;
}

static void sqlite_dir_close(struct directory *base)
{
	struct sqlite_directory *dir = from(base);

	forget_file(dir);
	mem_free_string(&dir->path);
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
