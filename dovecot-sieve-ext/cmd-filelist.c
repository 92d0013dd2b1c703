#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "dovecot-sieve-ext/list-message.h"
#include "dovecot-sieve-ext/list-recognise.h"
#include "dovecot-sieve-ext/list-store.h"
#include "common/error.h"

#include "str.h"
#include "str-sanitize.h"

#include "sieve-actions.h"
#include "sieve-ast.h"
#include "sieve-binary.h"
#include "sieve-code.h"
#include "sieve-commands.h"
#include "sieve-dump.h"
#include "sieve-generator.h"
#include "sieve-interpreter.h"
#include "sieve-message.h"
#include "sieve-validator.h"

/*
 * filelist [:under <mailbox: string>] [:create] [:copy]
 */

static bool cmd_filelist_registered(struct sieve_validator *valdtr,
				    const struct sieve_extension *ext,
				    struct sieve_command_registration *reg);
static bool cmd_filelist_generate(const struct sieve_codegen_env *cgenv,
				  struct sieve_command *cmd);
static bool
cmd_filelist_dump(const struct sieve_dumptime_env *denv, sieve_size_t *address);
static int cmd_filelist_execute(const struct sieve_runtime_env *renv,
				sieve_size_t *address);
static bool tag_under_validate(struct sieve_validator *valdtr,
			       struct sieve_ast_argument **arg,
			       struct sieve_command *cmd);

const struct sieve_command_def cmd_filelist = {
	.identifier = "filelist",
	.type = SCT_COMMAND,
	.positional_args = 0,
	.subtests = 0,
	.block_allowed = FALSE,
	.block_required = FALSE,
	.registered = cmd_filelist_registered,
	.generate = cmd_filelist_generate,
};

const struct sieve_operation_def cmd_filelist_operation = {
	.mnemonic = "FILELIST",
	.ext_def = &ext_list,
	.code = 1,
	.dump = cmd_filelist_dump,
	.execute = cmd_filelist_execute,
};

static const struct sieve_argument_def under_tag = {
	.identifier = "under",
	.validate = tag_under_validate,
};

static const struct sieve_argument_def create_tag = {
	.identifier = "create",
};

/* 0 ends the optional operands; below it are side effects such as :copy. */
enum cmd_filelist_optional {
	OPT_END,
	OPT_UNDER,
	OPT_CREATE,
};

/* Validation */

static bool cmd_filelist_registered(struct sieve_validator *valdtr,
				    const struct sieve_extension *ext,
				    struct sieve_command_registration *reg)
{
	sieve_validator_register_tag(valdtr, reg, ext, &under_tag, OPT_UNDER);
	sieve_validator_register_tag(valdtr, reg, ext, &create_tag, OPT_CREATE);
	return TRUE;
}

/* A constant: what a message says must not choose where mailboxes are made. */
static bool tag_under_validate(struct sieve_validator *valdtr,
			       struct sieve_ast_argument **arg,
			       struct sieve_command *cmd)
{
	struct sieve_ast_argument *tag = *arg;
	struct error err;

	*arg = sieve_ast_arguments_detach(*arg, 1);
	if (!sieve_validate_tag_parameter(valdtr, cmd, tag, *arg, NULL, 0,
					  SAAT_STRING, TRUE))
		return FALSE;
	if (strstr(sieve_ast_argument_strc(*arg), "${") != NULL) {
		sieve_argument_validate_error(
			valdtr, *arg,
			"the :under of the filelist command must be constant: "
			"it can't hold variables");
		return FALSE;
	}
	if (list_mailbox_prefix_check(sieve_ast_argument_strc(*arg), &err) <
	    0) {
		sieve_argument_validate_error(
			valdtr, *arg,
			"the :under of the filelist command is no mailbox: %s",
			err.text);
		return FALSE;
	}
	*arg = sieve_ast_argument_next(*arg);
	return TRUE;
}

/* Generation */

static bool cmd_filelist_generate(const struct sieve_codegen_env *cgenv,
				  struct sieve_command *cmd)
{
	(void)sieve_operation_emit(cgenv->sblock, cmd->ext,
				   &cmd_filelist_operation);
	return sieve_generate_arguments(cgenv, cmd, NULL);
}

static bool
cmd_filelist_dump(const struct sieve_dumptime_env *denv, sieve_size_t *address)
{
	int opt_code = 0, opt;

	sieve_code_dumpf(denv, "FILELIST");
	sieve_code_descend(denv);
	for (;;) {
		opt = sieve_action_opr_optional_dump(denv, address, &opt_code);
		if (opt < 0)
			return FALSE;
		if (opt == 0)
			return TRUE;
		switch (opt_code) {
		case OPT_UNDER:
			if (!sieve_opr_string_dump(denv, address, "under"))
				return FALSE;
			break;
		case OPT_CREATE:
			sieve_code_dumpf(denv, "create");
			break;
		default:
			return FALSE;
		}
	}
}

/* Execution */

static int read_operands(const struct sieve_runtime_env *renv,
			 sieve_size_t *address,
			 struct list_store_request *request,
			 struct sieve_side_effects_list **effects)
{
	int opt_code = 0, opt, ret = SIEVE_EXEC_OK;
	string_t *under;

	for (;;) {
		opt = sieve_action_opr_optional_read(renv, address, &opt_code,
						     &ret, effects);
		if (opt < 0)
			return ret;
		if (opt == 0)
			return SIEVE_EXEC_OK;
		switch (opt_code) {
		case OPT_UNDER:
			ret = sieve_opr_string_read(renv, address, "under",
						    &under);
			if (ret <= 0)
				return ret;
			request->under = str_c(under);
			break;
		case OPT_CREATE:
			request->create = TRUE;
			break;
		default:
			sieve_runtime_trace_error(renv,
						  "unknown optional operand");
			return SIEVE_EXEC_BIN_CORRUPT;
		}
	}
}

static int cmd_filelist_execute(const struct sieve_runtime_env *renv,
				sieve_size_t *address)
{
	struct list_store_request request = { .create = FALSE };
	struct sieve_side_effects_list *effects = NULL;
	const char *mailbox;
	int ret;

	ret = read_operands(renv, address, &request, &effects);
	if (ret <= 0)
		return ret;
	ret = list_message_find(renv->oprtn->ext, renv, &request.list);
	if (ret <= 0)
		return ret;
	if (request.list == NULL) {
		sieve_runtime_trace(renv, SIEVE_TRLVL_ACTIONS,
				    "filelist action: message is from no list");
		return SIEVE_EXEC_OK;
	}
	ret = list_store_find(renv->oprtn->ext, renv, &request, &effects,
			      &mailbox);
	if (ret <= 0 || mailbox == NULL)
		return ret;

	sieve_runtime_trace(renv, SIEVE_TRLVL_ACTIONS,
			    "filelist action: store message of list %s in "
			    "mailbox `%s'",
			    request.list->id, str_sanitize(mailbox, 128));
	if (sieve_act_store_add_to_result(renv, "filelist", effects, mailbox) <
	    0)
		return SIEVE_EXEC_FAILURE;
	sieve_message_snapshot(renv->msgctx);
	return SIEVE_EXEC_OK;
}
