#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/list-field.h"
#include "dovecot-sieve-ext/list-message.h"
#include "dovecot-sieve-ext/list-recognise.h"

#include "str.h"
#include "str-sanitize.h"

#include "sieve-ast.h"
#include "sieve-binary.h"
#include "sieve-code.h"
#include "sieve-commands.h"
#include "sieve-comparators.h"
#include "sieve-dump.h"
#include "sieve-generator.h"
#include "sieve-interpreter.h"
#include "sieve-match.h"
#include "sieve-match-types.h"
#include "sieve-stringlist.h"
#include "sieve-validator.h"

/*
 * listmail [MATCH-TYPE] [COMPARATOR] [:field <name: string>]
 *          [<keys: string-list>]
 */

static bool tst_listmail_registered(struct sieve_validator *valdtr,
				    const struct sieve_extension *ext,
				    struct sieve_command_registration *reg);
static bool tst_listmail_validate(struct sieve_validator *valdtr,
				  struct sieve_command *tst);
static bool tst_listmail_generate(const struct sieve_codegen_env *cgenv,
				  struct sieve_command *tst);
static bool
tst_listmail_dump(const struct sieve_dumptime_env *denv, sieve_size_t *address);
static int tst_listmail_execute(const struct sieve_runtime_env *renv,
				sieve_size_t *address);
static bool tag_field_validate(struct sieve_validator *valdtr,
			       struct sieve_ast_argument **arg,
			       struct sieve_command *cmd);

const struct sieve_command_def tst_listmail = {
	.identifier = "listmail",
	.type = SCT_TEST,
	.positional_args = -1, /* none or one */
	.subtests = 0,
	.block_allowed = FALSE,
	.block_required = FALSE,
	.registered = tst_listmail_registered,
	.validate = tst_listmail_validate,
	.generate = tst_listmail_generate,
};

const struct sieve_operation_def tst_listmail_operation = {
	.mnemonic = "LISTMAIL",
	.ext_def = &ext_list,
	.code = 0,
	.dump = tst_listmail_dump,
	.execute = tst_listmail_execute,
};

static const struct sieve_argument_def field_tag = {
	.identifier = "field",
	.validate = tag_field_validate,
};

enum tst_listmail_optional {
	OPT_FIELD = SIEVE_MATCH_OPT_LAST,
};

/* Validation */

static bool tst_listmail_registered(struct sieve_validator *valdtr,
				    const struct sieve_extension *ext,
				    struct sieve_command_registration *reg)
{
	sieve_comparators_link_tag(valdtr, reg, SIEVE_MATCH_OPT_COMPARATOR);
	sieve_match_types_link_tags(valdtr, reg, SIEVE_MATCH_OPT_MATCH_TYPE);
	sieve_validator_register_tag(valdtr, reg, ext, &field_tag, OPT_FIELD);
	return TRUE;
}

static bool tag_field_validate(struct sieve_validator *valdtr,
			       struct sieve_ast_argument **arg,
			       struct sieve_command *cmd)
{
	struct sieve_ast_argument *tag = *arg;

	*arg = sieve_ast_arguments_detach(*arg, 1);
	if (!sieve_validate_tag_parameter(valdtr, cmd, tag, *arg, NULL, 0,
					  SAAT_STRING, TRUE))
		return FALSE;
	if (list_field_find(sieve_ast_argument_strc(*arg)) < 0) {
		sieve_argument_validate_error(
			valdtr, *arg,
			"the :field of the listmail test must "
			"be " LIST_FIELD_NAMES ", not \"%s\"",
			str_sanitize(sieve_ast_argument_strc(*arg), 80));
		return FALSE;
	}
	*arg = sieve_ast_argument_next(*arg);
	return TRUE;
}

static bool
tst_listmail_validate(struct sieve_validator *valdtr, struct sieve_command *tst)
{
	const struct sieve_match_type match_default =
		SIEVE_MATCH_TYPE_DEFAULT(is_match_type);
	const struct sieve_comparator comparator_default =
		SIEVE_COMPARATOR_DEFAULT(i_ascii_casemap_comparator);
	struct sieve_ast_argument *keys = tst->first_positional;

	if (keys == NULL) {
		if (sieve_command_first_argument(tst) == NULL)
			return TRUE;
		sieve_command_validate_error(
			valdtr, tst,
			"the listmail test needs keys to go with its :field, "
			"match type or comparator");
		return FALSE;
	}
	if (sieve_ast_argument_next(keys) != NULL) {
		sieve_command_validate_error(
			valdtr, tst,
			"the listmail test takes one list of keys");
		return FALSE;
	}
	return sieve_validate_positional_argument(valdtr, tst, keys, "keys", 1,
						  SAAT_STRING_LIST) &&
	       sieve_validator_argument_activate(valdtr, tst, keys, FALSE) &&
	       sieve_match_type_validate(valdtr, tst, keys, &match_default,
					 &comparator_default);
}

/* Generation */

/* Keys are optional, and so are the operands before them: say which is it. */
static bool tst_listmail_generate(const struct sieve_codegen_env *cgenv,
				  struct sieve_command *tst)
{
	const bool keys = tst->first_positional != NULL;

	(void)sieve_operation_emit(cgenv->sblock, tst->ext,
				   &tst_listmail_operation);
	(void)sieve_binary_emit_byte(cgenv->sblock, keys ? 1 : 0);
	return sieve_generate_arguments(cgenv, tst, NULL);
}

static bool
tst_listmail_dump(const struct sieve_dumptime_env *denv, sieve_size_t *address)
{
	unsigned int keys;
	int opt_code = 0, opt;

	sieve_code_dumpf(denv, "LISTMAIL");
	sieve_code_descend(denv);
	if (!sieve_binary_read_byte(denv->sblock, address, &keys))
		return FALSE;
	if (keys == 0)
		return TRUE;
	for (;;) {
		opt = sieve_match_opr_optional_dump(denv, address, &opt_code);
		if (opt < 0)
			return FALSE;
		if (opt == 0)
			break;
		if (opt_code != OPT_FIELD ||
		    !sieve_opr_string_dump(denv, address, "field"))
			return FALSE;
	}
	return sieve_opr_stringlist_dump(denv, address, "keys");
}

/* Execution */

struct listmail_operands {
	struct sieve_match_type match;
	struct sieve_comparator comparator;
	enum list_field field;
	struct sieve_stringlist *keys; /* NULL: none */
};

static int read_field(const struct sieve_runtime_env *renv,
		      sieve_size_t *address, enum list_field *field_r)
{
	string_t *name;
	int field, ret;

	ret = sieve_opr_string_read(renv, address, "field", &name);
	if (ret <= 0)
		return ret;
	field = list_field_find(str_c(name));
	if (field < 0) {
		sieve_runtime_trace_error(renv, "invalid field");
		return SIEVE_EXEC_BIN_CORRUPT;
	}
	*field_r = field;
	return SIEVE_EXEC_OK;
}

static int read_operands(const struct sieve_runtime_env *renv,
			 sieve_size_t *address,
			 struct listmail_operands *operands)
{
	unsigned int keys;
	int opt_code = 0, opt, ret = SIEVE_EXEC_OK;

	if (!sieve_binary_read_byte(renv->sblock, address, &keys)) {
		sieve_runtime_trace_error(renv, "invalid operands");
		return SIEVE_EXEC_BIN_CORRUPT;
	}
	if (keys == 0)
		return SIEVE_EXEC_OK;
	for (;;) {
		opt = sieve_match_opr_optional_read(renv, address, &opt_code,
						    &ret, &operands->comparator,
						    &operands->match);
		if (opt < 0)
			return ret;
		if (opt == 0)
			break;
		if (opt_code != OPT_FIELD) {
			sieve_runtime_trace_error(renv,
						  "unknown optional operand");
			return SIEVE_EXEC_BIN_CORRUPT;
		}
		ret = read_field(renv, address, &operands->field);
		if (ret <= 0)
			return ret;
	}
	return sieve_opr_stringlist_read(renv, address, "keys",
					 &operands->keys);
}

static int tst_listmail_execute(const struct sieve_runtime_env *renv,
				sieve_size_t *address)
{
	struct listmail_operands operands = {
		.match = SIEVE_MATCH_TYPE_DEFAULT(is_match_type),
		.comparator =
			SIEVE_COMPARATOR_DEFAULT(i_ascii_casemap_comparator),
		.field = LIST_FIELD_ID,
	};
	const struct list *list;
	int match, ret;

	ret = read_operands(renv, address, &operands);
	if (ret <= 0)
		return ret;
	ret = list_message_find(renv->oprtn->ext, renv, &list);
	if (ret <= 0)
		return ret;

	sieve_runtime_trace(renv, SIEVE_TRLVL_TESTS,
			    "listmail test: message is from %s%s",
			    list == NULL ? "no list" : "list ",
			    list == NULL ? "" : list->id);
	match = list != NULL ? 1 : 0;
	if (list != NULL && operands.keys != NULL) {
		struct sieve_stringlist *values =
			sieve_single_stringlist_create_cstr(
				renv, list_field_value(list, operands.field),
				TRUE);

		match = sieve_match(renv, &operands.match, &operands.comparator,
				    values, operands.keys, &ret);
		if (match < 0)
			return ret;
	}
	sieve_interpreter_set_test_result(renv->interp, match > 0);
	return SIEVE_EXEC_OK;
}
