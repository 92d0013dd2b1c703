#include "tests/fuzz/fuzz.h"

#include "admin/record.h"
#include "admin/tsv.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

/* What is written of a record is read as the same record. */
static void must_survive_writing(const struct record *record)
{
	struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;
	struct record again;
	struct error err;
	char *line;

	tsv_append(&once, record);
	MUST(memchr(once.data, '\n', once.len) == once.data + once.len - 1);
	line = mem_strndup(once.data, once.len - 1);
	MUST(tsv_parse(&again, line, &err) == 1);
	MUST(again.kind == record->kind);
	tsv_append(&twice, &again);
	MUST(strcmp(buffer_string(&once), buffer_string(&twice)) == 0);
	mem_free_string(&line);
	buffer_release(&once);
	buffer_release(&twice);
}

/* Whatever the fields are, there is an answer, and a reason with a no. */
static void must_be_answered(const struct record *record)
{
	struct error err = { .text = "" };
	union {
		struct master_domain domain;
		struct master_account account;
		struct master_grant grant;
		struct master_key key;
	} value;
	int result = 0;

	switch (record->kind) {
	case RECORD_DOMAIN:
		result = record_to_domain(&value.domain, record, &err);
		break;
	case RECORD_ACCOUNT:
		result = record_to_account(&value.account, record, &err);
		break;
	case RECORD_GRANT:
		result = record_to_grant(&value.grant, record, &err);
		break;
	case RECORD_KEY:
		result = record_to_key(&value.key, record, &err);
		break;
	case RECORD_ADDRESS:
	case RECORD_GROUP:
	case RECORD_MEMBER:
		break;
	}
	MUST((result < 0) == (err.text[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size), *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		struct error err = { .text = "" };
		struct record record;
		int found = tsv_parse(&record, line, &err);

		MUST((found < 0) == (err.text[0] != '\0'));
		if (found <= 0)
			continue;
		must_survive_writing(&record);
		must_be_answered(&record);
	}
	mem_free_string(&text);
	return 0;
}
