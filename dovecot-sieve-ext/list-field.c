#include "dovecot-sieve-ext/list-field.h"

#include "dovecot-sieve-ext/list-recognise.h"

#include <string.h>

static const char *const field_names[] = {
	[LIST_FIELD_ID] = "id",	    [LIST_FIELD_LABEL] = "label",
	[LIST_FIELD_HOST] = "host", [LIST_FIELD_POST] = "post",
	[LIST_FIELD_KIND] = "kind",
};

int list_field_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++) {
		if (strcmp(name, field_names[i]) == 0)
			return (int)i;
	}
	return -1;
}

const char *list_field_value(const struct list *list, enum list_field field)
{
	switch (field) {
	case LIST_FIELD_ID:
		return list->id;
	case LIST_FIELD_LABEL:
		return list->label;
	case LIST_FIELD_HOST:
		return list->host;
	case LIST_FIELD_POST:
		return list->post;
	case LIST_FIELD_KIND:
		return list_kind_name(list->kind);
	}
	return "";
}
