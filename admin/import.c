#include "admin/import-internal.h"

#include "admin/import-file.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

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

void import_add_finding(struct import *import, size_t source,
			unsigned long number, const char *reason)
{
	import->findings =
		mem_resize(import->findings, import->finding_count + 1,
			   sizeof(*import->findings));
	import->findings[import->finding_count++] = (struct import_refusal){
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
	import->entries[import->entry_count++] = (struct import_entry){
		.line = *line,
		.source = import->source_count - 1,
		.number = number,
	};
}

static void on_finding(void *context, unsigned long number, const char *reason)
{
	struct import *import = context;

	import_add_finding(import, import->source_count - 1, number, reason);
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
	struct import_source *source;
	const char *file;

	if (import_format_find(&format, &file, argument, err_r) < 0)
		return -1;
	import->sources = mem_resize(import->sources, import->source_count + 1,
				     sizeof(*import->sources));
	source = &import->sources[import->source_count++];
	*source = (struct import_source){ .name = mem_strdup(
						  import_file_name(file)) };
	if (import_file_read(&source->text, file, err_r) < 0)
		return -1;
	if (source->text.data == NULL)
		buffer_append_string(&source->text, "");
	format->read(&sink, source->text.data, source->text.len);
	return 0;
}

size_t import_finding_count(const struct import *import)
{
	return import->finding_count;
}

struct import_finding import_finding(const struct import *import, size_t index)
{
	const struct import_refusal *finding = &import->findings[index];

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
