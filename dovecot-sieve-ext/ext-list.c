#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/list-settings.h"

#include "sieve-code.h"
#include "sieve-commands.h"
#include "sieve-interpreter.h"
#include "sieve-validator.h"

static countersign_load_result
ext_list_load(const struct sieve_extension *ext, void **context);
static bool ext_list_validator_load(const struct sieve_extension *ext,
				    struct sieve_validator *valdtr);

static const struct sieve_operation_def *const operations[] = {
	&tst_listmail_operation,
	&cmd_filelist_operation,
};

const struct sieve_extension_def ext_list = {
	.name = "vnd.countersign.list",
	.version = 1,
	.load = ext_list_load,
	.validator_load = ext_list_validator_load,
	SIEVE_EXT_DEFINE_OPERATIONS(operations),
	SIEVE_EXT_DEFINE_OPERAND(list_namespace_operand),
};

static countersign_load_result
ext_list_load(const struct sieve_extension *ext, void **context)
{
	struct list_settings *settings =
		p_new(ext->svinst->pool, struct list_settings, 1);

	*context = settings;
	return list_settings_read(settings, ext->svinst) < 0
		       ? COUNTERSIGN_NOT_LOADED
		       : COUNTERSIGN_LOADED;
}

/*
 * Once all of "require" is read: else it would matter whether "copy" stands
 * before or after us in it.
 */
static bool
ext_list_validate(const struct sieve_extension *ext,
		  struct sieve_validator *valdtr, void *context ATTR_UNUSED,
		  struct sieve_ast_argument *require_arg ATTR_UNUSED,
		  bool required ATTR_UNUSED)
{
	const struct sieve_extension *copy =
		countersign_copy_extension(ext->svinst);

	if (copy != NULL)
		sieve_ext_copy_register_tag(valdtr, copy,
					    cmd_filelist.identifier);
	return TRUE;
}

static const struct sieve_validator_extension validator_extension = {
	.ext = &ext_list,
	.validate = ext_list_validate,
};

static bool ext_list_validator_load(const struct sieve_extension *ext,
				    struct sieve_validator *valdtr)
{
	sieve_validator_register_command(valdtr, ext, &tst_listmail);
	sieve_validator_register_command(valdtr, ext, &cmd_filelist);
	ext_list_variables_register(ext, valdtr);
	sieve_validator_extension_register(valdtr, ext, &validator_extension,
					   NULL);
	return TRUE;
}
