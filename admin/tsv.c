#include "admin/tsv.h"

#include "admin/record.h"
#include "common/buffer.h"
#include "common/error.h"

#include <string.h>

static const char escaped[] = "\t\n\r\\";
static const char letters[] = "tnr\\";

void tsv_append_header(struct buffer *text)
{
	size_t kind, i;

	buffer_append_string(text, TSV_HEADER "\n");
	for (kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		const struct record_form *form = &record_forms[kind];

		buffer_printf(text, "# %s", form->noun);
		for (i = 0; form->fields[i] != NULL; i++)
			buffer_printf(text, "\t%s", form->fields[i]);
		buffer_append_char(text, '\n');
	}
}

static void append_field(struct buffer *text, const char *field)
{
	buffer_append_char(text, '\t');
	while (*field != '\0') {
		size_t len = strcspn(field, escaped);

		buffer_append_bytes(text, field, len);
		field += len;
		if (*field == '\0')
			break;
		buffer_append_char(text, '\\');
		buffer_append_char(text,
				   letters[strchr(escaped, *field) - escaped]);
		field++;
	}
}

void tsv_append(struct buffer *text, const struct record *record)
{
	const struct record_form *form = &record_forms[record->kind];
	size_t count = 0, i;

	for (i = 0; form->fields[i] != NULL; i++) {
		if (record->field[i] != NULL && record->field[i][0] != '\0')
			count = i + 1;
	}
	buffer_append_string(text, form->noun);
	for (i = 0; i < count; i++)
		append_field(text,
			     record->field[i] != NULL ? record->field[i] : "");
	buffer_append_char(text, '\n');
}

/* In place: what is left is never longer. */
static int unescape(char *field, struct error *err_r)
{
	char *to = field;

	for (; *field != '\0'; field++) {
		const char *letter;

		if (*field != '\\') {
			*to++ = *field;
			continue;
		}
		field++;
		letter = *field != '\0' ? strchr(letters, *field) : NULL;
		if (letter == NULL)
			return error_set(err_r,
					 "a backslash stands before \"%.1s\"; "
					 "write \\\\ for itself, or \\t, \\n, "
					 "\\r",
					 field);
		*to++ = escaped[letter - letters];
	}
	*to = '\0';
	return 0;
}

static int
find_kind(enum record_kind *kind_r, const char *noun, struct error *err_r)
{
	size_t kind;

	for (kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		if (strcmp(noun, record_forms[kind].noun) == 0) {
			*kind_r = (enum record_kind)kind;
			return 0;
		}
	}
	return error_set(err_r,
			 "\"%.*s\" is not what a line begins with: domain, "
			 "account, address, group, member, grant, key, and a "
			 "tab behind it",
			 (int)strcspn(noun, " "), noun);
}

static int
check_fields(const struct record *record, size_t count, struct error *err_r)
{
	const struct record_form *form = &record_forms[record->kind];
	size_t i;

	for (i = 0; i < form->required; i++) {
		if (i >= count || record->field[i][0] == '\0')
			return error_set(err_r, "%s: its field %s is missing",
					 form->noun, form->fields[i]);
	}
	return 0;
}

int tsv_parse(struct record *record_r, char *line, struct error *err_r)
{
	char *noun = strsep(&line, "\t");
	const struct record_form *form;
	size_t count = 0;

	if (noun[0] == '#' || (noun[0] == '\0' && line == NULL))
		return 0;
	*record_r = (struct record){ .kind = RECORD_DOMAIN };
	if (find_kind(&record_r->kind, noun, err_r) < 0)
		return -1;
	form = &record_forms[record_r->kind];
	while (line != NULL) {
		char *field = strsep(&line, "\t");

		if (form->fields[count] == NULL)
			return error_set(err_r,
					 "%s: more than %zu fields behind it",
					 form->noun, count);
		if (unescape(field, err_r) < 0)
			return error_prefix(err_r, "%s: its field %s",
					    form->noun, form->fields[count]);
		record_r->field[count++] = field;
	}
	return check_fields(record_r, count, err_r) < 0 ? -1 : 1;
}
