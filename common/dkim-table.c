#include "common/dkim-table.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

static int parse_line(struct dkim_table *table, char *line, struct error *err_r)
{
	struct dkim_table_entry entry;
	size_t blank = strspn(line, " \t");

	if (line[blank] == '\0' || line[blank] == '#')
		return 0;
	if (dkim_table_entry_parse(&entry, line, err_r) < 0)
		return -1;
	/* The size doubles: whenever the count is a power of two. */
	if ((table->count & (table->count - 1)) == 0)
		table->entries = mem_resize(
			table->entries, table->count > 0 ? table->count * 2 : 1,
			sizeof(entry));
	table->entries[table->count++] = entry;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct dkim_table_entry *left =
		*(const struct dkim_table_entry *const *)a;
	const struct dkim_table_entry *right =
		*(const struct dkim_table_entry *const *)b;
	int order = strcmp(left->domain, right->domain);

	return order != 0 ? order : strcmp(left->selector, right->selector);
}

/* What no line alone can tell. Sorted, since tables may be large. */
static int check_table(const struct dkim_table *table, struct error *err_r)
{
	const struct dkim_table_entry **sorted =
		mem_array(table->count, sizeof(*sorted));
	const struct dkim_table_entry *active[DKIM_ALGORITHM_COUNT] = { NULL };
	int result = 0;
	size_t i;

	for (i = 0; i < table->count; i++)
		sorted[i] = &table->entries[i];
	qsort(sorted, table->count, sizeof(*sorted), compare);
	for (i = 0; i < table->count && result == 0; i++) {
		const struct dkim_table_entry *entry = sorted[i];
		const struct dkim_table_entry *other = active[entry->algorithm];

		if (i > 0 && compare(&sorted[i - 1], &sorted[i]) == 0)
			result = error_set(err_r,
					   "selector %s of %s stands twice",
					   entry->selector, entry->domain);
		if (entry->state != DKIM_ACTIVE)
			continue;
		if (other != NULL && strcmp(other->domain, entry->domain) == 0)
			result = error_set(
				err_r,
				"%s has two active keys for %s, %s and %s; "
				"retire one",
				entry->domain,
				dkim_algorithm_name(entry->algorithm),
				other->selector, entry->selector);
		active[entry->algorithm] = entry;
	}
	free(sorted);
	return result;
}

int dkim_table_parse(struct dkim_table *table_r, const char *text, size_t len,
		     struct error *err_r)
{
	struct dkim_table table = { .entries = NULL };
	const char *end = text + len;
	unsigned int number = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line_len =
			(size_t)((newline != NULL ? newline : end) - text);
		char *line = mem_strndup(text, line_len);
		int result;

		number++;
		if (strlen(line) != line_len)
			result = error_set(err_r, "a NUL stands in the line");
		else
			result = parse_line(&table, line, err_r);
		free(line);
		if (result < 0) {
			dkim_table_release(&table);
			return error_prefix(err_r, "line %u", number);
		}
		text += line_len + (newline != NULL);
	}
	if (check_table(&table, err_r) < 0) {
		dkim_table_release(&table);
		return -1;
	}
	*table_r = table;
	return 0;
}

void dkim_table_release(struct dkim_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		dkim_table_entry_release(&table->entries[i]);
	free(table->entries);
	*table = (struct dkim_table){ .entries = NULL };
}

static int read_table(struct buffer *text, FILE *file, const char *path,
		      struct error *err_r)
{
	char piece[65536];
	struct stat stat;
	size_t len;

	if (fstat(fileno(file), &stat) < 0 || !S_ISREG(stat.st_mode))
		return error_set(err_r, "%s: not a regular file", path);
	if ((stat.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(err_r,
				 "%s: mode %04o lets others write it; run "
				 "chmod go-w on it",
				 path, (unsigned)stat.st_mode & 07777);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0) {
		if (text->len + len > DKIM_TABLE_MAX)
			return error_set(err_r, "%s: larger than %d octets",
					 path, DKIM_TABLE_MAX);
		buffer_append_bytes(text, piece, len);
	}
	if (ferror(file))
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    path, strerror(errno));
	return 0;
}

int dkim_table_load(struct dkim_table *table_r, const char *path,
		    struct error *err_r)
{
	FILE *file = fopen(path, "re");
	struct buffer text = BUFFER_INIT;
	int result;

	if (file == NULL)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: the key table can't be opened: %s",
				    path, strerror(errno));
	result = read_table(&text, file, path, err_r);
	(void)fclose(file);
	if (result == 0) {
		result = dkim_table_parse(table_r, buffer_string(&text),
					  text.len, err_r);
		if (result < 0)
			error_prefix(err_r, "%s", path);
	}
	buffer_release(&text);
	return result;
}

void dkim_table_format(struct buffer *out, const struct dkim_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		dkim_table_entry_format(out, &table->entries[i]);
}

void dkim_table_compact(struct dkim_table *table)
{
	size_t i, kept = 0;

	for (i = 0; i < table->count; i++) {
		if (table->entries[i].domain != NULL)
			table->entries[kept++] = table->entries[i];
	}
	table->count = kept;
}

struct dkim_table_entry *dkim_table_find(const struct dkim_table *table,
					 const char *domain,
					 const char *selector)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct dkim_table_entry *entry = &table->entries[i];

		if (entry->domain != NULL &&
		    strcmp(entry->domain, domain) == 0 &&
		    strcmp(entry->selector, selector) == 0)
			return entry;
	}
	return NULL;
}

char *dkim_table_key_path(const char *table_path,
			  const struct dkim_table_entry *entry)
{
	char *copy, *path;

	if (entry->path[0] == '/')
		return mem_strdup(entry->path);
	copy = mem_strdup(table_path);
	path = mem_printf("%s/%s", dirname(copy), entry->path);
	free(copy);
	return path;
}
