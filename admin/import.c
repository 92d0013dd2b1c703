#include "admin/import.h"

#include "admin/import-apply.h"
#include "admin/tsv.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PIECE 65536

struct source {
	char *name;	    /* as it is shown */
	struct buffer text; /* the records' fields are in it */
};

struct entry {
	struct record record;
	size_t source;
	unsigned long line;
};

struct finding {
	size_t source;
	unsigned long line;
	char *reason;
};

struct import {
	struct source *sources;
	size_t source_count;
	struct entry *entries;
	size_t entry_count, entry_size;
	struct finding *findings;
	size_t finding_count;
	struct import_counts counts;
};

struct import *import_new(void)
{
	return mem_alloc(sizeof(struct import));
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
	free(old->sources);
	free(old->entries);
	free(old->findings);
	free(old);
	*import = NULL;
}

static void add_finding(struct import *import, size_t source,
			unsigned long line, const char *reason)
{
	import->findings =
		mem_resize(import->findings, import->finding_count + 1,
			   sizeof(*import->findings));
	import->findings[import->finding_count++] = (struct finding){
		.source = source,
		.line = line,
		.reason = mem_strdup(reason),
	};
}

static void add_entry(struct import *import, const struct record *record,
		      unsigned long line)
{
	if (import->entry_count == import->entry_size) {
		import->entry_size += import->entry_size / 2 + 64;
		import->entries =
			mem_resize(import->entries, import->entry_size,
				   sizeof(*import->entries));
	}
	import->entries[import->entry_count++] = (struct entry){
		.record = *record,
		.source = import->source_count - 1,
		.line = line,
	};
}

static int
read_all(int fd, struct buffer *text, const char *name, struct error *err_r)
{
	char *piece = mem_alloc(PIECE);
	ssize_t got;

	do {
		got = read(fd, piece, PIECE);
		if (got > 0)
			buffer_append_bytes(text, piece, (size_t)got);
	} while ((got > 0 && text->len <= IMPORT_FILE_MAX) ||
		 (got < 0 && errno == EINTR));
	free(piece);
	if (got < 0)
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    name, strerror(errno));
	if (text->len > IMPORT_FILE_MAX)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: longer than %lu octets; import it in "
				    "parts",
				    name, IMPORT_FILE_MAX);
	return 0;
}

static int read_file(struct buffer *text, const char *name, struct error *err_r)
{
	int fd, result;

	if (strcmp(name, "-") == 0)
		return read_all(STDIN_FILENO, text, "standard input", err_r);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: can't be opened: %s", name,
				    strerror(errno));
	result = read_all(fd, text, name, err_r);
	(void)close(fd);
	return result;
}

/* The next line, NUL-ended in place, and how long it really is; or NULL. */
static char *take_line(char **rest, const char *end, size_t *len_r)
{
	char *line = *rest, *lf;

	if (line == NULL || line == end)
		return NULL;
	lf = memchr(line, '\n', (size_t)(end - line));
	*rest = lf != NULL ? lf + 1 : NULL;
	*len_r = (size_t)((lf != NULL ? lf : end) - line);
	line[*len_r] = '\0';
	if (*len_r > 0 && line[*len_r - 1] == '\r')
		line[--*len_r] = '\0';
	return line;
}

static int check_header(const char *line, struct error *err_r)
{
	if (line != NULL && strcmp(line, TSV_HEADER) == 0)
		return 0;
	return error_set(err_r,
			 "a text of the directory begins with the line "
			 "\"countersign-directory\", a tab and \"1\", as "
			 "\"countersign directory export\" writes it");
}

static void read_tsv(struct import *import, struct buffer *text)
{
	char *rest = text->data;
	const char *end = rest + text->len;
	unsigned long number = 1;
	struct error why;
	size_t len = 0;
	char *line = rest != NULL ? take_line(&rest, end, &len) : NULL;

	if (check_header(line, &why) < 0) {
		add_finding(import, import->source_count - 1, 1, why.text);
		return;
	}
	while ((line = take_line(&rest, end, &len)) != NULL) {
		struct record record;
		int found = -1;

		number++;
		if (strlen(line) != len)
			error_set(&why, "a NUL stands in the line");
		else
			found = tsv_parse(&record, line, &why);
		if (found > 0)
			add_entry(import, &record, number);
		else if (found < 0)
			add_finding(import, import->source_count - 1, number,
				    why.text);
	}
}

int import_read(struct import *import, const char *name, struct error *err_r)
{
	struct source *source;

	import->sources = mem_resize(import->sources, import->source_count + 1,
				     sizeof(*import->sources));
	source = &import->sources[import->source_count++];
	*source = (struct source){
		.name = mem_strdup(strcmp(name, "-") == 0 ? "standard input"
							  : name),
	};
	if (read_file(&source->text, name, err_r) < 0)
		return -1;
	read_tsv(import, &source->text);
	return 0;
}

/* Within a kind, a domain that stands for another comes after those. */
static int rank(const struct record *record)
{
	bool alias = record->kind == RECORD_DOMAIN &&
		     record->field[3] != NULL && record->field[3][0] != '\0';

	return 2 * (int)record->kind + alias;
}

static int compare_places(size_t source_a, unsigned long line_a,
			  size_t source_b, unsigned long line_b)
{
	if (source_a != source_b)
		return source_a < source_b ? -1 : 1;
	return line_a < line_b ? -1 : line_a > line_b;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int by_rank = rank(&one->record) - rank(&other->record);

	return by_rank != 0 ? by_rank
			    : compare_places(one->source, one->line,
					     other->source, other->line);
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *one = a, *other = b;

	return compare_places(one->source, one->line, other->source,
			      other->line);
}

int import_apply(struct import *import, struct master *master,
		 struct error *err_r)
{
	size_t i;

	if (import->entry_count > 0)
		qsort(import->entries, import->entry_count,
		      sizeof(*import->entries), compare_entries);
	for (i = 0; i < import->entry_count; i++) {
		const struct entry *entry = &import->entries[i];

		switch (import_apply_record(master, &entry->record, err_r)) {
		case IMPORT_FAILED:
			return -1;
		case IMPORT_REFUSED:
			add_finding(import, entry->source, entry->line,
				    err_r->text);
			break;
		case IMPORT_ADDED:
			import->counts.added[entry->record.kind]++;
			break;
		case IMPORT_UNCHANGED:
			import->counts.unchanged++;
			break;
		}
	}
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
		.line = finding->line,
		.reason = finding->reason,
	};
}

struct import_counts import_counts(const struct import *import)
{
	return import->counts;
}
