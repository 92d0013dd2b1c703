#include "common/field-list.h"

#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

void field_list_add(struct field_list *list, const char *name,
		    const char *value)
{
	size_t name_size = strlen(name) + 1, value_len = strlen(value);
	char *copy;

	list->octets += name_size + value_len;
	if (list->count == list->count_max || list->octets > list->octets_max) {
		list->too_much = true;
		return;
	}
	copy = mem_alloc(name_size + value_len + 1);
	memcpy(copy, name, name_size);
	memcpy(copy + name_size, value, value_len);
	list->fields = mem_resize(list->fields, list->count + 1,
				  sizeof(*list->fields));
	list->fields[list->count] = (struct policy_field){
		.name = copy, .value = copy + name_size, .value_len = value_len
	};
	list->copies = mem_resize(list->copies, list->count + 1,
				  sizeof(*list->copies));
	list->copies[list->count++] = copy;
}

void field_list_clear(struct field_list *list)
{
	while (list->count > 0)
		mem_free_string(&list->copies[--list->count]);
	free(list->copies);
	free(list->fields);
	*list = (struct field_list){ .count_max = list->count_max,
				     .octets_max = list->octets_max };
}
