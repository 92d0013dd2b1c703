#include "tests/fuzz/fuzz.h"

#include "common/buffer.h"
#include "common/dkim-table.h"
#include "common/error.h"

#include <string.h>

/* What is written of a table is read as the same table. */
static void must_survive_writing(const struct dkim_table *table)
{
	struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;
	struct dkim_table again;
	struct error err;

	dkim_table_format(&once, table);
	MUST(dkim_table_parse(&again, buffer_string(&once), once.len, &err) ==
	     0);
	MUST(again.count == table->count);
	dkim_table_format(&twice, &again);
	MUST(strcmp(buffer_string(&once), buffer_string(&twice)) == 0);
	dkim_table_release(&again);
	buffer_release(&once);
	buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dkim_table table;
	struct error err = { .text = "" };

	if (dkim_table_parse(&table, (const char *)data, size, &err) < 0) {
		MUST(err.text[0] != '\0');
		return 0;
	}
	must_survive_writing(&table);
	dkim_table_release(&table);
	return 0;
}
