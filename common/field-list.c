#include "common/field-list.h"

#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

/* One piece of memory holds both strings. */
static char *
make_field(struct policy_field *field, const char *name, const char *value)
{
	size_t name_size = strlen(name) + 1, value_len = strlen(value);
	char *copy = mem_alloc(name_size + value_len + 1);

	memcpy(copy, name, name_size);
	memcpy(copy + name_size, value, value_len);
	*field = (struct policy_field){ .name = copy,
					.value = copy + name_size,
					.value_len = value_len };
	return copy;
}

/* Room for 16, and twice as much whenever it is full. */
static void make_room(struct field_list *list)
{
	size_t count = list->count;

	if (count % 16 != 0 || (count & (count - 1)) != 0)
		return;
	count = count > 0 ? 2 * count : 16;
	list->fields = mem_resize(list->fields, count, sizeof(*list->fields));
	list->copies = mem_resize(list->copies, count, sizeof(*list->copies));
}

void field_list_add(struct field_list *list, const char *name,
		    const char *value)
{
	list->octets += strlen(name) + 1 + strlen(value);
	if (list->count == list->count_max || list->octets > list->octets_max) {
		list->too_much = true;
		return;
	}
	make_room(list);
	list->copies[list->count] =
		make_field(&list->fields[list->count], name, value);
	list->count++;
}

void field_list_change(struct field_list *list, size_t place, const char *value)
{
	char *old = list->copies[place];

	list->copies[place] = make_field(&list->fields[place],
					 list->fields[place].name, value);
	free(old);
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
