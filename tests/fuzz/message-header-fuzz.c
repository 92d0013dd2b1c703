#include "tests/fuzz/fuzz.h"

#include "common/buffer.h"
#include "common/message-header.h"

#include <string.h>

static void must_be_a_field(const struct policy_field *field)
{
	const char *c;

	MUST(field->name[0] != '\0');
	for (c = field->name; *c != '\0'; c++)
		MUST(*c > 0x20 && *c < 0x7f && *c != ':');
	MUST(memchr(field->value, '\0', field->value_len) == NULL);
	MUST(memchr(field->value, '\r', field->value_len) == NULL);
}

/* Written out again the header splits the same, unless its lines were cut. */
static void must_survive_writing(const struct message_header *header)
{
	struct buffer text = BUFFER_INIT;
	struct message_header again;
	size_t i;

	for (i = 0; i < header->count; i++) {
		buffer_printf(&text, "%s:", header->fields[i].name);
		buffer_append_bytes(&text, header->fields[i].value,
				    header->fields[i].value_len);
		buffer_append_char(&text, '\n');
	}
	message_header_split(&again, buffer_string(&text), text.len);
	MUST(again.count == header->count);
	for (i = 0; i < again.count; i++) {
		const struct policy_field *a = &again.fields[i];
		const struct policy_field *b = &header->fields[i];

		MUST(strcmp(a->name, b->name) == 0);
		MUST(a->value_len == b->value_len);
		MUST(memcmp(a->value, b->value, a->value_len) == 0);
	}
	message_header_release(&again);
	buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_header header;
	size_t i, octets = 0;

	message_header_split(&header, (const char *)data, size);
	for (i = 0; i < header.count; i++) {
		must_be_a_field(&header.fields[i]);
		octets += strlen(header.fields[i].name) + 1 +
			  header.fields[i].value_len;
	}
	MUST(octets <= size);
	if (octets < 2048)
		must_survive_writing(&header);
	message_header_release(&header);
	return 0;
}
