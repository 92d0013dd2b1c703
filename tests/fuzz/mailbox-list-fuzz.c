#include "tests/fuzz/fuzz.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

static void append_quoted(struct buffer *value, const char *text)
{
	buffer_append_char(value, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_append_char(value, '\\');
		buffer_append_char(value, *text);
	}
	buffer_append_char(value, '"');
}

static void append_mailbox(struct buffer *value, const struct mailbox *mailbox)
{
	char *address = address_format(&mailbox->address);

	if (mailbox->name != NULL)
		append_quoted(value, mailbox->name);
	buffer_printf(value, "<%s>", address);
	mem_free_string(&address);
}

static void
must_be_same(const struct mailbox_list *a, const struct mailbox_list *b)
{
	size_t i;

	MUST(a->count == b->count);
	for (i = 0; i < a->count; i++) {
		const struct mailbox *m = &a->mailboxes[i];
		const struct mailbox *n = &b->mailboxes[i];

		MUST(strcmp(m->address.local, n->address.local) == 0);
		MUST(strcmp(m->address.domain, n->address.domain) == 0);
		MUST((m->name == NULL) == (n->name == NULL));
		MUST(m->name == NULL || strcmp(m->name, n->name) == 0);
	}
}

/* Written canonically the list reads the same. */
static void must_survive_writing(const struct mailbox_list *list)
{
	struct buffer value = BUFFER_INIT;
	struct mailbox_list again;
	struct error err;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (i > 0)
			buffer_append_char(&value, ',');
		append_mailbox(&value, &list->mailboxes[i]);
	}
	if (value.len <= MAILBOX_LIST_FIELD_MAX) {
		MUST(mailbox_list_parse(&again, value.data, value.len, &err) ==
		     0);
		MUST(again.groups == 0 && again.comments == NULL);
		must_be_same(list, &again);
		mailbox_list_release(&again);
	}
	buffer_release(&value);
}

/* A milter sees LF where the wire has CRLF: both read the same. */
static void must_not_depend_on_cr(const struct mailbox_list *list,
				  const char *data, size_t size)
{
	struct buffer value = BUFFER_INIT;
	struct mailbox_list again;
	struct error err;
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] != '\r')
			buffer_append_char(&value, data[i]);
	}
	MUST(mailbox_list_parse(&again, value.data, value.len, &err) == 0);
	must_be_same(list, &again);
	MUST(list->groups == again.groups);
	for (i = 0; i < again.groups; i++)
		MUST(strcmp(list->group_names[i], again.group_names[i]) == 0);
	MUST((list->comments == NULL) == (again.comments == NULL));
	MUST(list->comments == NULL ||
	     strcmp(list->comments, again.comments) == 0);
	mailbox_list_release(&again);
	buffer_release(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .text = "" };
	struct mailbox_list list;

	if (mailbox_list_parse(&list, (const char *)data, size, &err) < 0) {
		MUST(err.text[0] != '\0');
		MUST(list.mailboxes == NULL && list.count == 0);
		MUST(list.comments == NULL && list.groups == 0);
		return 0;
	}
	MUST(list.count >= 1 && list.count <= MAILBOX_LIST_MAILBOXES_MAX);
	MUST(list.groups <= list.count);
	must_survive_writing(&list);
	must_not_depend_on_cr(&list, (const char *)data, size);
	mailbox_list_release(&list);
	return 0;
}
