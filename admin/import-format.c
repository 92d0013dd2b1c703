#include "admin/import-format.h"

#include "admin/passwd-file.h"
#include "admin/postfix-map.h"
#include "admin/text-line.h"
#include "admin/tsv.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

static void put(const struct import_sink *sink, unsigned long number,
		enum import_means means, enum record_kind kind, const char *one,
		const char *two, const char *three)
{
	const struct import_line line = { means,
					  { kind, { one, two, three } } };

	sink->line(sink->context, number, &line);
}

static const char *check_text(const char *line, bool has_nul)
{
	if (line != NULL && !has_nul && strcmp(line, TSV_HEADER) == 0)
		return NULL;
	return "it is not as \"countersign directory export\" begins its "
	       "text; a file of another form needs that before its name: "
	       "passwd-file:, virtual_alias_maps: or smtpd_sender_login_maps:";
}

static void read_tsv(const struct import_sink *sink, char *text, size_t len)
{
	struct text_lines lines = { .rest = text, .left = len };
	bool has_nul = false;
	char *line = text_lines_take(&lines, &has_nul);
	const char *why = check_text(line, has_nul);

	if (why != NULL) {
		sink->finding(sink->context, 1, why);
		return;
	}
	while ((line = text_lines_take(&lines, &has_nul)) != NULL) {
		struct import_line object = { .means = IMPORT_OBJECT };
		struct error err;
		int found = -1;

		if (has_nul)
			error_set(&err, "a NUL stands in the line");
		else
			found = tsv_parse(&object.record, line, &err);
		if (found > 0)
			sink->line(sink->context, lines.number, &object);
		else if (found < 0)
			sink->finding(sink->context, lines.number, err.text);
	}
}

/* The hash with its scheme; NULL for a user without a password. */
static int find_hash(const struct import_sink *sink, char *password,
		     char **hash_r, struct error *err_r)
{
	*hash_r = NULL;
	if (password[0] == '\0')
		return 0;
	if (password[0] == '{' || sink->scheme == NULL) {
		*hash_r = password;
		return 0;
	}
	/* As shadow(5) has it. */
	if (password[0] == '!' || password[0] == '*')
		return error_set(err_r, "its password is locked; leave the "
					"line out, or its password empty");
	*hash_r = mem_printf("{%s}%s", sink->scheme, password);
	sink->keep(sink->context, *hash_r);
	return 0;
}

static int put_user(const struct import_sink *sink, unsigned long number,
		    char *text, struct error *err_r)
{
	struct passwd_line line;
	char *hash;
	int found = passwd_line_parse(&line, text, err_r);

	if (found <= 0)
		return found;
	if (find_hash(sink, line.password, &hash, err_r) < 0)
		return -1;
	put(sink, number, IMPORT_OBJECT, RECORD_ACCOUNT, line.user, NULL, hash);
	/* Whoever logs in as an address has that address. */
	if (strchr(line.user, '@') != NULL)
		put(sink, number, IMPORT_OBJECT, RECORD_ADDRESS, line.user,
		    line.user, NULL);
	return 0;
}

static void read_passwd(const struct import_sink *sink, char *text, size_t len)
{
	struct text_lines lines = { .rest = text, .left = len };
	bool has_nul;
	char *line;

	while ((line = text_lines_take(&lines, &has_nul)) != NULL) {
		struct error err;
		int result = -1;

		if (has_nul)
			error_set(&err, "a NUL stands in the line");
		else
			result = put_user(sink, lines.number, line, &err);
		if (result < 0)
			sink->finding(sink->context, lines.number, err.text);
	}
}

/* Postfix looks for "user" and "domain" too; neither is an address. */
static int check_key(const struct postfix_entry *entry, struct error *err_r)
{
	if (strchr(entry->key, '@') != NULL)
		return 0;
	if (strchr(entry->key, '.') != NULL)
		return error_set(err_r,
				 "%s is no address; if it is a domain, run "
				 "\"countersign domain add\" and leave this "
				 "line out",
				 entry->key);
	return error_set(err_r, "%s has no domain; write it with one",
			 entry->key);
}

static int put_alias(const struct import_sink *sink,
		     struct postfix_entry *entry, struct error *err_r)
{
	char *target = postfix_map_word(&entry->value);

	if (check_key(entry, err_r) < 0)
		return -1;
	if (target == NULL)
		return error_set(err_r, "%s has no target", entry->key);
	if (target[0] == '@')
		return error_set(
			err_r,
			"%s leads to a whole domain; if all of one "
			"is all of the other, run \"countersign domain "
			"add %s --alias-of %s\" and leave this line "
			"out",
			entry->key, strchr(entry->key, '@') + 1, target + 1);
	if (postfix_map_word(&entry->value) != NULL)
		return error_set(err_r,
				 "%s has more than one target, and an address "
				 "is of one account; leave the line in a map "
				 "of your own",
				 entry->key);
	put(sink, entry->line, IMPORT_ALIAS, RECORD_ADDRESS, entry->key, target,
	    NULL);
	return 0;
}

static int put_senders(const struct import_sink *sink,
		       struct postfix_entry *entry, struct error *err_r)
{
	char *login = postfix_map_word(&entry->value);
	char *next = postfix_map_word(&entry->value);
	bool alone = next == NULL;

	if (check_key(entry, err_r) < 0)
		return -1;
	if (login == NULL)
		return error_set(err_r, "%s has no login", entry->key);
	while (login != NULL) {
		put(sink, entry->line, IMPORT_SENDER, RECORD_ADDRESS,
		    entry->key, login, alone ? NULL : "several");
		login = next;
		next = postfix_map_word(&entry->value);
	}
	return 0;
}

static void
read_map(const struct import_sink *sink, char *text, size_t len,
	 int (*put_entry)(const struct import_sink *sink,
			  struct postfix_entry *entry, struct error *err_r))
{
	struct postfix_entry entry;
	struct postfix_map map;
	struct error err;
	int found;

	postfix_map_init(&map, text, len);
	while ((found = postfix_map_next(&entry, &map, &err)) != 0) {
		if (found > 0)
			found = put_entry(sink, &entry, &err);
		if (found < 0)
			sink->finding(sink->context, entry.line, err.text);
	}
}

static void read_aliases(const struct import_sink *sink, char *text, size_t len)
{
	read_map(sink, text, len, put_alias);
}

static void read_senders(const struct import_sink *sink, char *text, size_t len)
{
	read_map(sink, text, len, put_senders);
}

static const struct import_format formats[] = {
	{ "countersign-directory", read_tsv },
	{ "passwd-file", read_passwd },
	{ "smtpd_sender_login_maps", read_senders },
	{ "virtual_alias_maps", read_aliases },
};

int import_format_find(const struct import_format **format_r,
		       const char **file_r, const char *argument,
		       struct error *err_r)
{
	size_t len = strcspn(argument, ":/"), i;

	*format_r = &formats[0];
	*file_r = argument;
	if (argument[len] != ':')
		return 0;
	*file_r = argument + len + 1;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		*format_r = &formats[i];
		if (strlen(formats[i].name) == len &&
		    strncmp(formats[i].name, argument, len) == 0)
			return 0;
	}
	return error_set_as(err_r, EX_USAGE,
			    "\"%.*s\" is no format of a file: passwd-file, "
			    "virtual_alias_maps, smtpd_sender_login_maps; a "
			    "file of that name is ./%s",
			    (int)len, argument, argument);
}
