#ifndef DOVECOT_SIEVE_EXT_EXT_LIST_H
#define DOVECOT_SIEVE_EXT_EXT_LIST_H

/*
 * The extension "vnd.countersign.list", of which docs/sieve-list.md says what
 * it does, and what it is made of.
 */

struct sieve_command_def;
struct sieve_extension;
struct sieve_extension_def;
struct sieve_operand_def;
struct sieve_operation_def;
struct sieve_validator;

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
