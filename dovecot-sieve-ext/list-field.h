#ifndef DOVECOT_SIEVE_EXT_LIST_FIELD_H
#define DOVECOT_SIEVE_EXT_LIST_FIELD_H

struct list;

/* What a script can ask of a list. */
enum list_field {
	LIST_FIELD_ID,
	LIST_FIELD_LABEL,
	LIST_FIELD_HOST,
	LIST_FIELD_POST,
	LIST_FIELD_KIND,
};

/* For error messages. */
#define LIST_FIELD_NAMES "\"id\", \"label\", \"host\", \"post\" or \"kind\""

/* -1 if there is no field of this name. */
int list_field_find(const char *name);

/* Lives as long as the list. */
const char *list_field_value(const struct list *list, enum list_field field);

#endif
