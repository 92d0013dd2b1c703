#include "admin/import.h"

#include "admin/import-apply.h"
#include "admin/import-file.h"
#include "admin/import-format.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINES_PER_PROGRESS 1000

struct source {
	char *name; /* as it is shown */
	struct buffer text;
};

struct entry {
	struct import_line line; /* its texts are in sources or kept */
	size_t source;
	unsigned long number;
};

struct finding {
	size_t source;
	unsigned long number;
	char *reason;
};

struct import {
	struct import_options options;
	struct source *sources;
	size_t source_count;
	struct entry *entries;
	size_t entry_count, entry_size;
	struct finding *findings;
	size_t finding_count;
	char **kept;
	size_t kept_count;
	size_t done; /* of the entries */
	struct import_counts counts;
};

struct import *import_new(const struct import_options *options)
{
	struct import *import = mem_alloc(sizeof(*import));

	import->options = *options;
	return import;
}

void import_free(struct import **import)
{
	struct import *old = *import;
	size_t i;

	if (old == NULL)
		return;
	for (i = 0; i < old->source_count; i++) {
		mem_free_string(&old->sources[i].name);
		buffer_release(&old->sources[i].text);
	}
	for (i = 0; i < old->finding_count; i++)
		mem_free_string(&old->findings[i].reason);
	for (i = 0; i < old->kept_count; i++)
		mem_free_string(&old->kept[i]);
	free(old->sources);
	free(old->entries);
	free(old->findings);
	free(old->kept);
	free(old);
	*import = NULL;
}

static void add_finding(struct import *import, size_t source,
			unsigned long number, const char *reason)
{
	import->findings =
		mem_resize(import->findings, import->finding_count + 1,
			   sizeof(*import->findings));
	import->findings[import->finding_count++] = (struct finding){
		.source = source,
		.number = number,
		.reason = mem_strdup(reason),
	};
}

/* The sink of a format: all is of the file that came last. */

static void
on_line(void *context, unsigned long number, const struct import_line *line)
{
	struct import *import = context;

	if (import->entry_count == import->entry_size) {
		import->entry_size += import->entry_size / 2 + 64;
		import->entries =
			mem_resize(import->entries, import->entry_size,
				   sizeof(*import->entries));
	}
	import->entries[import->entry_count++] = (struct entry){
		.line = *line,
		.source = import->source_count - 1,
		.number = number,
	};
}

static void on_finding(void *context, unsigned long number, const char *reason)
{
	struct import *import = context;

	add_finding(import, import->source_count - 1, number, reason);
}

static void on_keep(void *context, char *text)
{
	struct import *import = context;

	import->kept = mem_resize(import->kept, import->kept_count + 1,
				  sizeof(*import->kept));
	import->kept[import->kept_count++] = text;
}

int import_read(struct import *import, const char *argument,
		struct error *err_r)
{
	const struct import_sink sink = {
		.line = on_line,
		.finding = on_finding,
		.keep = on_keep,
		.context = import,
		.scheme = import->options.scheme,
	};
	const struct import_format *format;
	struct source *source;
	const char *file;

	if (import_format_find(&format, &file, argument, err_r) < 0)
		return -1;
	import->sources = mem_resize(import->sources, import->source_count + 1,
				     sizeof(*import->sources));
	source = &import->sources[import->source_count++];
	*source = (struct source){ .name = mem_strdup(import_file_name(file)) };
	if (import_file_read(&source->text, file, err_r) < 0)
		return -1;
	if (source->text.data == NULL)
		buffer_append_string(&source->text, "");
	format->read(&sink, source->text.data, source->text.len);
	return 0;
}

/*
 * What a line may refer to comes before it: the kinds are in that order, but a
 * domain that stands for another comes after all others, and what Postfix's
 * maps say of an address is said of the accounts and addresses there are then.
 */
static int rank(const struct import_line *line)
{
	const char *alias_of = line->record.field[3];
	int first = 4 * (int)line->record.kind;

	switch (line->means) {
	case IMPORT_OBJECT:
		return first + (line->record.kind == RECORD_DOMAIN &&
				alias_of != NULL && alias_of[0] != '\0');
	case IMPORT_ALIAS:
		return first + 1;
	case IMPORT_SENDER:
		return first + 2;
	}
	abort();
}

static int compare_places(size_t source_a, unsigned long number_a,
			  size_t source_b, unsigned long number_b)
{
	if (source_a != source_b)
		return source_a < source_b ? -1 : 1;
	return number_a < number_b ? -1 : number_a > number_b;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int by_rank = rank(&one->line) - rank(&other->line);

	return by_rank != 0 ? by_rank
			    : compare_places(one->source, one->number,
					     other->source, other->number);
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *one = a, *other = b;

	return compare_places(one->source, one->number, other->source,
			      other->number);
}

static void count(struct import *import)
{
	import->done++;
	if (import->options.progress != NULL &&
	    (import->done % LINES_PER_PROGRESS == 0 ||
	     import->done == import->entry_count))
		import->options.progress(import->done, import->entry_count);
}

static enum import_result apply(struct import *import, struct master *master,
				const struct entry *entry, struct error *err_r)
{
	enum record_kind kind;
	enum import_result result =
		import_apply_line(master, &entry->line, &kind, err_r);

	if (result == IMPORT_ADDED)
		import->counts.added[kind]++;
	else if (result == IMPORT_UNCHANGED)
		import->counts.unchanged++;
	if (result == IMPORT_ADDED || result == IMPORT_UNCHANGED)
		count(import);
	return result;
}

static void
refuse(struct import *import, const struct entry *entry, const char *reason)
{
	add_finding(import, entry->source, entry->number, reason);
	count(import);
}

/*
 * An alias may lead to one that comes later: those that lead nowhere yet are
 * tried again as long as others are taken.
 */
static int apply_aliases(struct import *import, struct master *master,
			 struct entry *aliases, size_t left,
			 struct error *err_r)
{
	size_t before, i;

	do {
		before = left;
		left = 0;
		for (i = 0; i < before; i++) {
			switch (apply(import, master, &aliases[i], err_r)) {
			case IMPORT_FAILED:
				return -1;
			case IMPORT_REFUSED:
				aliases[left++] = aliases[i];
				break;
			case IMPORT_ADDED:
			case IMPORT_UNCHANGED:
				break;
			}
		}
	} while (left > 0 && left < before);
	for (i = 0; i < left; i++) {
		if (apply(import, master, &aliases[i], err_r) == IMPORT_FAILED)
			return -1;
		refuse(import, &aliases[i], err_r->text);
	}
	return 0;
}

static int apply_others(struct import *import, struct master *master,
			const struct entry *entries, size_t number,
			struct error *err_r)
{
	size_t i;

	for (i = 0; i < number; i++) {
		switch (apply(import, master, &entries[i], err_r)) {
		case IMPORT_FAILED:
			return -1;
		case IMPORT_REFUSED:
			refuse(import, &entries[i], err_r->text);
			break;
		case IMPORT_ADDED:
		case IMPORT_UNCHANGED:
			break;
		}
	}
	return 0;
}

int import_apply(struct import *import, struct master *master,
		 struct error *err_r)
{
	struct entry *entries = import->entries;
	size_t all = import->entry_count, first = 0, last;

	if (all > 0)
		qsort(entries, all, sizeof(*entries), compare_entries);
	while (first < all && entries[first].line.means != IMPORT_ALIAS)
		first++;
	for (last = first;
	     last < all && entries[last].line.means == IMPORT_ALIAS; last++)
		;
	if (apply_others(import, master, entries, first, err_r) < 0 ||
	    apply_aliases(import, master, entries + first, last - first,
			  err_r) < 0 ||
	    apply_others(import, master, entries + last, all - last, err_r) < 0)
		return -1;
	if (import->finding_count > 0)
		qsort(import->findings, import->finding_count,
		      sizeof(*import->findings), compare_findings);
	return 0;
}

size_t import_finding_count(const struct import *import)
{
	return import->finding_count;
}

struct import_finding import_finding(const struct import *import, size_t index)
{
	const struct finding *finding = &import->findings[index];

	return (struct import_finding){
		.file = import->sources[finding->source].name,
		.line = finding->number,
		.reason = finding->reason,
	};
}

struct import_counts import_counts(const struct import *import)
{
	return import->counts;
}
