#ifndef COMMON_FIELD_LIST_H
#define COMMON_FIELD_LIST_H

#include "common/policy.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Header fields as they come one by one from an MTA, kept until the header is
 * whole: at most so many, of so many octets in all. All zero but its bounds it
 * is empty.
 */
struct field_list {
	size_t count_max;
	size_t octets_max;
	struct policy_field *fields; /* in order */
	size_t count;
	bool too_much; /* there were more: what was over is not kept */
	size_t octets;
	char **copies; /* what fields point into */
};

/* Both strings are copied. */
void field_list_add(struct field_list *list, const char *name,
		    const char *value);

/* The value of the field at this place becomes a copy of another. */
void field_list_change(struct field_list *list, size_t place,
		       const char *value);

/* Empty again, with the same bounds. */
void field_list_clear(struct field_list *list);

#endif
