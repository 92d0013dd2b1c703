#include "admin/commands.h"

#include "admin/call.h"
#include "admin/export.h"
#include "admin/output.h"
#include "admin/record.h"
#include "admin/tsv.h"
#include "admin/work.h"
#include "common/buffer.h"

#include <stddef.h>
#include <stdio.h>

static void append_line(void *context, const struct record *record)
{
	tsv_append(context, record);
}

/* One array for each kind. */
struct arrays {
	struct buffer text[RECORD_KIND_COUNT];
};

static void append_object(void *context, const struct record *record)
{
	const char *const *names = record_forms[record->kind].fields;
	struct arrays *arrays = context;
	struct buffer *text = &arrays->text[record->kind];
	size_t i;

	buffer_append_string(text, text->len > 0 ? ",\n  {" : "\n  {");
	for (i = 0; names[i] != NULL; i++) {
		const char *field = record->field[i];

		buffer_printf(text, "%s\"%s\": ", i > 0 ? ", " : "", names[i]);
		output_append_json(
			text, field != NULL && field[0] != '\0' ? field : NULL);
	}
	buffer_append_char(text, '}');
}

static int
append_json(struct master *master, struct buffer *text, struct error *err_r)
{
	struct arrays arrays = { .text = { BUFFER_INIT } };
	int result = export_records(master, append_object, &arrays, err_r);
	size_t i;

	for (i = 0; i < RECORD_KIND_COUNT; i++) {
		buffer_printf(text, "%s \"%s\": [%s]", i > 0 ? ",\n" : "{\n",
			      record_forms[i].plural,
			      buffer_string(&arrays.text[i]));
		buffer_release(&arrays.text[i]);
	}
	buffer_append_string(text, "\n}\n");
	return result;
}

static int append_all(struct master *master, const struct call *call,
		      void *context, struct error *err_r)
{
	if (output_is_json(call->out))
		return append_json(master, context, err_r);
	tsv_append_header(context);
	return export_records(master, append_line, context, err_r);
}

/* Written when the directory is unlocked: whoever reads it may take a while. */
int cmd_directory_export(const struct call *call, struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	int status = work_read(call, append_all, &text, err_r);

	if (status == 0)
		(void)fwrite(buffer_string(&text), 1, text.len,
			     output_file(call->out));
	buffer_release(&text);
	return status;
}
