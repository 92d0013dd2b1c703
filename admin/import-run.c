#include "admin/import-internal.h"

#include "admin/import-apply.h"
#include "common/error.h"

#include <stdlib.h>

#define LINES_PER_PROGRESS 1000

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
	const struct import_entry *one = a, *other = b;
	int by_rank = rank(&one->line) - rank(&other->line);

	return by_rank != 0 ? by_rank
			    : compare_places(one->source, one->number,
					     other->source, other->number);
}

static int compare_findings(const void *a, const void *b)
{
	const struct import_refusal *one = a, *other = b;

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
				const struct import_entry *entry,
				struct error *err_r)
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

static void refuse(struct import *import, const struct import_entry *entry,
		   const char *reason)
{
	import_add_finding(import, entry->source, entry->number, reason);
	count(import);
}

/*
 * An alias may lead to one that comes later: those that lead nowhere yet are
 * tried again as long as others are taken.
 */
static int apply_aliases(struct import *import, struct master *master,
			 struct import_entry *aliases, size_t left,
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
			const struct import_entry *entries, size_t number,
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
	struct import_entry *entries = import->entries;
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
