#include "milter-dkim/edit.h"

#include "common/mem.h"

#include <stddef.h>

#include <libmilter/mfapi.h>

/* libmilter takes no const. */
struct field {
	char *name;
	char *value;
};

static struct field field_copy(const char *name, const char *value)
{
	return (struct field){ .name = mem_strdup(name),
			       .value = mem_strdup(value) };
}

static int finish(struct field *field, int result)
{
	mem_free_string(&field->name);
	mem_free_string(&field->value);
	return result == MI_SUCCESS ? 0 : -1;
}

/* Place 0 is above the Received: that Postfix has put on top. */
static int insert(void *context, int place, const char *name, const char *value)
{
	struct field field = field_copy(name, value);

	return finish(&field,
		      smfi_insheader(context, place, field.name, field.value));
}

static int append(void *context, const char *name, const char *value)
{
	struct field field = field_copy(name, value);

	return finish(&field, smfi_addheader(context, field.name, field.value));
}

static int
change(void *context, const char *name, int instance, const char *value)
{
	struct field field = field_copy(name, value);

	return finish(&field, smfi_chgheader(context, field.name, instance,
					     field.value));
}

static int body(void *context, unsigned char *data, size_t len)
{
	return smfi_replacebody(context, data, (int)len) == MI_SUCCESS ? 0 : -1;
}

const struct edit_ops edit_milter = {
	.insert = insert,
	.append = append,
	.change = change,
	.body = body,
};
