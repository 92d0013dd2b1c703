#include "tests/fuzz/fuzz.h"

#include "admin/import-format.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

/* The first line of an input names its format, as the command line does. */

#define KEPT_MAX 65536

struct seen {
	unsigned long last; /* line */
	size_t octets;
	char *kept[KEPT_MAX];
	size_t kept_count;
};

static void must_be_in_order(struct seen *seen, unsigned long number)
{
	MUST(number > 0 && number >= seen->last);
	seen->last = number;
}

static void
on_line(void *context, unsigned long number, const struct import_line *line)
{
	const struct record_form *form = &record_forms[line->record.kind];
	struct seen *seen = context;
	size_t i;

	must_be_in_order(seen, number);
	for (i = 0; i < form->required; i++)
		MUST(line->record.field[i] != NULL &&
		     line->record.field[i][0] != '\0');
	for (i = 0; form->fields[i] != NULL; i++) {
		if (line->record.field[i] != NULL)
			seen->octets += strlen(line->record.field[i]);
	}
}

static void on_finding(void *context, unsigned long number, const char *reason)
{
	must_be_in_order(context, number);
	MUST(reason[0] != '\0');
}

static void on_keep(void *context, char *text)
{
	struct seen *seen = context;

	MUST(seen->kept_count < KEPT_MAX);
	seen->kept[seen->kept_count++] = text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	struct seen *seen;
	struct import_sink sink = { on_line, on_finding, on_keep, NULL,
				    "CRYPT" };
	const struct import_format *format;
	char *name, *text;
	const char *file;
	struct error err;
	size_t len;

	if (end == NULL)
		return 0;
	seen = mem_alloc(sizeof(*seen));
	sink.context = seen;
	name = mem_strndup((const char *)data, (size_t)(end - data));
	len = size - (size_t)(end + 1 - data);
	text = mem_alloc(len + 1);
	memcpy(text, end + 1, len);
	if (import_format_find(&format, &file, name, &err) == 0)
		format->read(&sink, text, len);
	while (seen->kept_count > 0)
		mem_free_string(&seen->kept[--seen->kept_count]);
	free(text);
	mem_free_string(&name);
	free(seen);
	return 0;
}
