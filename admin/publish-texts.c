#include "admin/publish-internal.h"

#include "admin/files.h"
#include "admin/master-internal.h"
#include "common/error.h"

#include <stdbool.h>
#include <string.h>

/* A key is "local@domain" or "@domain"; its domain is behind the last "@". */
#define DOMAIN_OF(key)                                                         \
	"substr(" key ", length(rtrim(" key ", replace(" key ", '@', '')))"    \
	" + 1)"
#define LOCAL_OF(key)                                                          \
	"substr(" key ", 1, length(rtrim(" key ", replace(" key                \
	", '@', ''))) - 1)"

/*
 * A table rows(key, account), once more for each alias of a key's domain, which
 * none of rows is in.
 */
#define WITH_ALIASES                                                           \
	" spelled (key, account) AS ("                                         \
	"SELECT key, account FROM rows UNION ALL "                             \
	"SELECT " LOCAL_OF(                                                    \
		"key") " || '@' || d.name, account FROM rows"                  \
		       " JOIN domains d ON d.alias_of = " DOMAIN_OF("key") ")"

static const char passwd_sql[] =
	"WITH rows (key, account) AS ("
	"SELECT key, account FROM addresses WHERE key NOT LIKE "
	"'@%')," WITH_ALIASES " SELECT a.name, a.password, NULL FROM accounts a"
	" WHERE a.enabled AND a.password IS NOT NULL"
	" UNION ALL SELECT s.key, a.password, a.name FROM spelled s"
	" JOIN accounts a ON a.name = s.account"
	" WHERE a.enabled AND a.password IS NOT NULL"
	" AND s.key NOT IN (SELECT name FROM accounts)"
	" ORDER BY 1";

/*
 * The same for whom mail is delivered to, password or not, enabled or not. The
 * hash, which nobody asks for here, is one that no password has.
 */
static const char userdb_sql[] =
	"WITH rows (key, account) AS ("
	"SELECT key, account FROM addresses WHERE key NOT LIKE "
	"'@%')," WITH_ALIASES " SELECT name, '{CRYPT}*', NULL FROM accounts"
	" UNION ALL SELECT key, '{CRYPT}*', account FROM spelled"
	" WHERE key NOT IN (SELECT name FROM accounts)"
	" ORDER BY 1";

/*
 * Postfix asks for the address and, if that is not there, for its domain: so
 * a line for an address also names those who may write as all of the domain,
 * and one for an address that nobody has the owner of the catch-all.
 */
static const char sender_logins_sql[] =
	"WITH granted (key, account) AS ("
	"SELECT key, account FROM grants"
	" WHERE account IS NOT NULL AND (until = 0 OR until > ?1)"
	" UNION SELECT g.key, m.account FROM grants g"
	" JOIN members m ON m.group_name = g.group_name"
	" WHERE g.until = 0 OR g.until > ?1),"
	" own (key, account) AS ("
	"SELECT key, account FROM addresses UNION SELECT key, account"
	" FROM granted),"
	" rows (key, account) AS ("
	"SELECT key, account FROM own"
	" UNION SELECT own.key, g.account FROM own"
	" JOIN granted g ON g.key = '@' || " DOMAIN_OF(
		"own.key") " UNION SELECT own.key, a.account FROM own"
			   " JOIN addresses a ON a.key = '@' || " DOMAIN_OF(
				   "own.key") " WHERE own.key NOT IN (SELECT "
					      "key FROM "
					      "addresses))," WITH_ALIASES
					      " SELECT key, account FROM "
					      "spelled ORDER BY key, account";

static const char aliases_sql[] =
	"WITH rows (key, account) AS (SELECT key, account FROM "
	"addresses)," WITH_ALIASES
	" SELECT key, account FROM spelled ORDER BY key, account";

/*
 * A word that means itself in a line of a Postfix map and of a passwd-file,
 * whatever stands around it. Addresses with a quoted local part do not.
 */
static bool is_plain(const char *word)
{
	const char *c;

	for (c = word; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80 || (*c >= 'a' && *c <= 'z') ||
		    (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
		    strchr("@.+-_=~^&'*?!$", *c) != NULL)
			continue;
		return false;
	}
	return word[0] != '\0';
}

/* passwd-file: user:password:uid:gid:gecos:home:shell:extra */
static void add_user(struct buffer *text, struct sqlite_stmt *row,
		     const char *account_field)
{
	const char *name = sqlite_column_string(row, 0);
	const char *hash = sqlite_column_string(row, 1);
	const char *account = sqlite_column_string(row, 2);

	if (name[0] == '#' || strpbrk(name, ": \t\r\n") != NULL)
		return;
	buffer_printf(text, "%s:%s::::::", name, hash);
	if (account != NULL)
		buffer_printf(text, "%s=%s", account_field, account);
	buffer_append_char(text, '\n');
}

static void
add_passwd(struct buffer *text, struct sqlite_stmt *row, struct buffer *last)
{
	(void)last;
	add_user(text, row, "user");
}

static void
add_userdb(struct buffer *text, struct sqlite_stmt *row, struct buffer *last)
{
	(void)last;
	add_user(text, row, "userdb_user");
}

/* Rows come sorted: those of one key go on one line. */
static void
add_map(struct buffer *text, struct sqlite_stmt *row, struct buffer *last)
{
	const char *key = sqlite_column_string(row, 0);
	const char *account = sqlite_column_string(row, 1);

	if (!is_plain(key) || !is_plain(account))
		return;
	if (last->len > 0 && strcmp(buffer_string(last), key) == 0) {
		buffer_printf(text, ", %s", account);
		return;
	}
	if (text->len > 0)
		buffer_append_char(text, '\n');
	buffer_printf(text, "%s %s", key, account);
	buffer_clear(last);
	buffer_append_string(last, key);
}

/* last: of a map, the key that the text's last line is of. */
static int write_text(struct sqlite_stmt *rows,
		      void (*add)(struct buffer *text, struct sqlite_stmt *row,
				  struct buffer *last),
		      const char *path, struct error *err_r)
{
	struct buffer text = BUFFER_INIT, last = BUFFER_INIT;
	int result = -1;

	if (rows == NULL)
		return -1;
	while ((result = sqlite_step(rows, err_r)) > 0)
		add(&text, rows, &last);
	if (last.len > 0)
		buffer_append_char(&text, '\n');
	sqlite_finalize(&rows);
	if (result == 0)
		result = files_write(path, buffer_string(&text), text.len,
				     err_r);
	buffer_release(&last);
	buffer_release(&text);
	return result;
}

int publish_passwd(struct master *master, const char *path, struct error *err_r)
{
	return write_text(master_query(master, err_r, passwd_sql, ""),
			  add_passwd, path, err_r);
}

int publish_userdb(struct master *master, const char *path, struct error *err_r)
{
	return write_text(master_query(master, err_r, userdb_sql, ""),
			  add_userdb, path, err_r);
}

int publish_sender_logins(struct master *master, const char *path, time_t now,
			  struct error *err_r)
{
	return write_text(master_query(master, err_r, sender_logins_sql, "i",
				       (long long)now),
			  add_map, path, err_r);
}

int publish_aliases(struct master *master, const char *path,
		    struct error *err_r)
{
	return write_text(master_query(master, err_r, aliases_sql, ""), add_map,
			  path, err_r);
}
