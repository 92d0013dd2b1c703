#include "common/directory-snapshot.h"

#include "common/directory-schema.h"
#include "common/error.h"
#include "common/mem.h"
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

static const char *const questions[SNAPSHOT_COUNT] = {
	[SNAPSHOT_VERSION] = "SELECT user_version FROM pragma_user_version",
	[SNAPSHOT_KEY] =
		"SELECT k.account, a.enabled, k.name, k.login, k.no_preauth,"
		" k.no_bare_submission, k.until"
		" FROM keys k JOIN accounts a ON a.name = k.account"
		" WHERE k.fingerprint = ?1",
	[SNAPSHOT_ACCOUNT] =
		"SELECT name, enabled FROM accounts WHERE name = ?1",
	/* The rules of an alias domain are its target's. */
	[SNAPSHOT_DOMAIN] =
		"SELECT t.name, t.delimiters, t.case_sensitive"
		" FROM domains d"
		" JOIN domains t ON t.name = coalesce(d.alias_of, d.name)"
		" WHERE d.name = ?1",
	[SNAPSHOT_ADDRESS] = "SELECT account FROM addresses WHERE key = ?1",
	[SNAPSHOT_MEMBER] =
		"SELECT 1 FROM members WHERE group_name = ?1 AND account = ?2",
	/* Of the account, then of its groups; no temporary table is built. */
	[SNAPSHOT_GRANT] =
		"SELECT on_behalf FROM grants"
		" WHERE key = ?2 AND holder = ?1 AND (until = 0 OR until > ?3)"
		" UNION ALL"
		" SELECT g.on_behalf FROM members m CROSS JOIN grants g"
		" ON g.key = ?2 AND g.holder = '%' || m.group_name"
		" WHERE m.account = ?1 AND (g.until = 0 OR g.until > ?3)",
};

struct snapshot {
	char *path;
	struct sqlite *db; /* NULL: to be opened at the next question */
	/* Keeps the inode of the open file from being given to another. */
	int fd;
	dev_t device;
	ino_t inode;
	struct sqlite_stmt *statements[SNAPSHOT_COUNT];
	/* Of the open file, which never changes: no need to ask it again. */
	struct recent accounts; /* struct directory_account */
	struct recent domains;	/* struct snapshot_domain */
	struct recent owners;	/* by key: an account's name, or "" */
};

static void release_account(void *value)
{
	directory_account_release(value);
	free(value);
}

static void release_domain(void *value)
{
	struct snapshot_domain *domain = value;

	mem_free_string(&domain->target);
	free(domain);
}

struct snapshot *snapshot_new(const char *path)
{
	struct snapshot *snapshot = mem_alloc(sizeof(*snapshot));

	snapshot->path = mem_strdup(path);
	snapshot->fd = -1;
	recent_init(&snapshot->accounts, release_account);
	recent_init(&snapshot->domains, release_domain);
	recent_init(&snapshot->owners, free);
	return snapshot;
}

static void forget_file(struct snapshot *snapshot)
{
	size_t i;

	recent_clear(&snapshot->accounts);
	recent_clear(&snapshot->domains);
	recent_clear(&snapshot->owners);
	for (i = 0; i < SNAPSHOT_COUNT; i++)
		sqlite_finalize(&snapshot->statements[i]);
	sqlite_close(&snapshot->db);
	if (snapshot->fd >= 0)
		(void)close(snapshot->fd);
	snapshot->fd = -1;
}

void snapshot_free(struct snapshot **snapshot)
{
	if (*snapshot == NULL)
		return;
	forget_file(*snapshot);
	mem_free_string(&(*snapshot)->path);
	free(*snapshot);
	*snapshot = NULL;
}

static int unavailable(const struct snapshot *snapshot, struct error *err_r)
{
	int why = errno;

	return error_set_as(err_r, EX_UNAVAILABLE, "%s: %s%s", snapshot->path,
			    strerror(why),
			    why == ENOENT ? "; run \"countersign directory "
					    "init\", then \"countersign "
					    "directory publish\""
					  : "");
}

static bool
is_current(const struct snapshot *snapshot, const struct stat *status)
{
	return status->st_dev == snapshot->device &&
	       status->st_ino == snapshot->inode;
}

static int prepare(struct snapshot *snapshot, struct error *err_r)
{
	struct sqlite_stmt **statement =
		&snapshot->statements[SNAPSHOT_VERSION];
	long long version;
	size_t i;

	if (sqlite_prepare(statement, snapshot->db, questions[SNAPSHOT_VERSION],
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
			snapshot->path, version, DIRECTORY_PUBLISHED_VERSION);
	for (i = SNAPSHOT_VERSION + 1; i < SNAPSHOT_COUNT; i++) {
		if (sqlite_prepare(&snapshot->statements[i], snapshot->db,
				   questions[i], err_r) < 0)
			return -1;
	}
	return 0;
}

/*
 * The published file is replaced by rename only. Between our open and
 * SQLite's it may be, so look whether the name still means our inode, which
 * snapshot->fd keeps from being used again.
 */
static int open_file(struct snapshot *snapshot, struct error *err_r)
{
	struct stat status;

	for (;;) {
		forget_file(snapshot);
		snapshot->fd = open(snapshot->path, O_RDONLY | O_CLOEXEC);
		if (snapshot->fd < 0 || fstat(snapshot->fd, &status) < 0)
			return unavailable(snapshot, err_r);
		snapshot->device = status.st_dev;
		snapshot->inode = status.st_ino;
		if (sqlite_open(&snapshot->db, snapshot->path,
				SQLITE_MODE_IMMUTABLE, err_r) < 0 ||
		    prepare(snapshot, err_r) < 0)
			return -1;
		if (stat(snapshot->path, &status) < 0)
			return unavailable(snapshot, err_r);
		if (is_current(snapshot, &status))
			return 0;
	}
}

int snapshot_refresh(struct snapshot *snapshot, struct error *err_r)
{
	struct stat status;
	int result = 0;

	if (stat(snapshot->path, &status) < 0)
		result = unavailable(snapshot, err_r);
	else if (snapshot->db == NULL || !is_current(snapshot, &status))
		result = open_file(snapshot, err_r);
	if (result < 0)
		forget_file(snapshot);
	return result;
}

bool snapshot_is_open(const struct snapshot *snapshot)
{
	return snapshot->db != NULL;
}

struct sqlite_stmt *snapshot_statement(const struct snapshot *snapshot,
				       enum snapshot_question question)
{
	return snapshot->statements[question];
}

enum directory_result snapshot_ask(struct snapshot *snapshot,
				   struct sqlite_stmt *statement,
				   struct error *err_r)
{
	int found = sqlite_step(statement, err_r);

	if (found < 0)
		forget_file(snapshot);
	return found < 0    ? DIRECTORY_FAILED
	       : found == 0 ? DIRECTORY_NO
			    : DIRECTORY_YES;
}

char *snapshot_text(struct sqlite_stmt *statement, int column)
{
	const char *text = sqlite_column_string(statement, column);

	return mem_strdup(text != NULL ? text : "");
}

enum directory_result
snapshot_find_account(struct snapshot *snapshot, const char *name,
		      const struct directory_account **account_r,
		      struct error *err_r)
{
	struct sqlite_stmt *statement = snapshot->statements[SNAPSHOT_ACCOUNT];
	struct directory_account *account =
		recent_find(&snapshot->accounts, name);
	enum directory_result result = DIRECTORY_YES;

	if (account == NULL) {
		sqlite_bind_string(statement, 1, name);
		result = snapshot_ask(snapshot, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		if (result == DIRECTORY_YES) {
			account = mem_alloc(sizeof(*account));
			account->name = snapshot_text(statement, 0);
			account->enabled =
				sqlite_column_integer(statement, 1) == 1;
			recent_put(&snapshot->accounts, name, account);
		}
		sqlite_reset(statement);
	}
	*account_r = account;
	return result;
}

static struct snapshot_domain *read_domain(struct sqlite_stmt *statement)
{
	const char *delimiters = sqlite_column_string(statement, 1);
	struct snapshot_domain *domain = mem_alloc(sizeof(*domain));

	domain->target = snapshot_text(statement, 0);
	domain->rules = address_rules_foreign;
	(void)snprintf(domain->rules.delimiters,
		       sizeof(domain->rules.delimiters), "%s",
		       delimiters != NULL ? delimiters : "");
	domain->rules.case_sensitive = sqlite_column_integer(statement, 2) != 0;
	return domain;
}

enum directory_result
snapshot_find_domain(struct snapshot *snapshot, const char *name,
		     const struct snapshot_domain **domain_r,
		     struct error *err_r)
{
	struct sqlite_stmt *statement = snapshot->statements[SNAPSHOT_DOMAIN];
	struct snapshot_domain *domain = recent_find(&snapshot->domains, name);
	enum directory_result result = DIRECTORY_YES;

	if (domain == NULL) {
		sqlite_bind_string(statement, 1, name);
		result = snapshot_ask(snapshot, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		if (result == DIRECTORY_YES) {
			domain = read_domain(statement);
			recent_put(&snapshot->domains, name, domain);
		}
		sqlite_reset(statement);
	}
	*domain_r = domain;
	return result;
}

enum directory_result
snapshot_find_owner(struct snapshot *snapshot, const char *key,
		    const char **account_r, struct error *err_r)
{
	struct sqlite_stmt *statement = snapshot->statements[SNAPSHOT_ADDRESS];
	char *account = recent_find(&snapshot->owners, key);

	if (account == NULL) {
		enum directory_result result;

		sqlite_bind_string(statement, 1, key);
		result = snapshot_ask(snapshot, statement, err_r);
		if (result == DIRECTORY_FAILED)
			return result;
		account = result == DIRECTORY_YES ? snapshot_text(statement, 0)
						  : mem_strdup("");
		sqlite_reset(statement);
		recent_put(&snapshot->owners, key, account);
	}
	*account_r = account;
	return account[0] != '\0' ? DIRECTORY_YES : DIRECTORY_NO;
}
