#ifndef DOVECOT_SIEVE_EXT_EXT_LIST_H
#define DOVECOT_SIEVE_EXT_EXT_LIST_H

/* The extension "vnd.countersign.list"; docs/sieve-list.md says what it does.
 */

#include "dovecot-sieve-ext/list-recognise.h"

struct sieve_command_def;
struct sieve_extension;
struct sieve_extension_def;
struct sieve_operand_def;
struct sieve_operation_def;
struct sieve_runtime_env;
struct sieve_validator;

/* The site's policy, from plugin { }. */
struct ext_list_settings {
	const char *prefix;	    /* countersign_list_prefix */
	bool create;		    /* countersign_list_create = always */
	unsigned int max_mailboxes; /* countersign_list_max_mailboxes */
};

const struct ext_list_settings *
ext_list_settings(const struct sieve_extension *ext);

/*
 * The list that the message under test came through, NULL if none. Returns a
 * SIEVE_EXEC_ status. The list lives as long as the message.
 */
int ext_list_get(const struct sieve_extension *ext,
		 const struct sieve_runtime_env *renv,
		 const struct list **list_r);

/* What a script can ask of a list. */
enum ext_list_field {
	EXT_LIST_FIELD_ID,
	EXT_LIST_FIELD_LABEL,
	EXT_LIST_FIELD_HOST,
	EXT_LIST_FIELD_POST,
	EXT_LIST_FIELD_KIND,
};

/* -1 if there is no field of this name. */
int ext_list_field_find(const char *name);
const char *
ext_list_field_value(const struct list *list, enum ext_list_field field);

/* For error messages: "id", "label" ... */
#define EXT_LIST_FIELD_NAMES "\"id\", \"label\", \"host\", \"post\" or \"kind\""

/* ${list.NAME}, where "variables" is required too. */
void ext_list_variables_register(const struct sieve_extension *ext,
				 struct sieve_validator *valdtr);
extern const struct sieve_operand_def list_namespace_operand;

extern const struct sieve_extension_def ext_list;
extern const struct sieve_command_def tst_listmail;
extern const struct sieve_operation_def tst_listmail_operation;
extern const struct sieve_command_def cmd_filelist;
extern const struct sieve_operation_def cmd_filelist_operation;

#endif
