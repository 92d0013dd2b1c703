#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/list-field.h"
#include "dovecot-sieve-ext/list-message.h"

#include "array.h"
#include "str.h"

#include "sieve-ast.h"
#include "sieve-binary.h"
#include "sieve-code.h"
#include "sieve-commands.h"
#include "sieve-dump.h"
#include "sieve-generator.h"
#include "sieve-interpreter.h"
#include "sieve-validator.h"

/* Namespace: ${list.id}, ${list.label} ... */

static bool list_variable_validate(struct sieve_validator *valdtr,
				   const struct sieve_variables_namespace *nspc,
				   struct sieve_ast_argument *arg,
				   struct sieve_command *cmd,
				   ARRAY_TYPE(sieve_variable_name) * var_name,
				   void **var_data, bool assignment);
static bool list_variable_generate(const struct sieve_codegen_env *cgenv,
				   const struct sieve_variables_namespace *nspc,
				   struct sieve_ast_argument *arg,
				   struct sieve_command *cmd, void *var_data);
static bool list_variable_dump(const struct sieve_dumptime_env *denv,
			       const struct sieve_variables_namespace *nspc,
			       const struct sieve_operand *oprnd,
			       sieve_size_t *address);
static int list_variable_read(const struct sieve_runtime_env *renv,
			      const struct sieve_variables_namespace *nspc,
			      const struct sieve_operand *oprnd,
			      sieve_size_t *address, string_t **str_r);

static const struct sieve_variables_namespace_def list_namespace = {
	SIEVE_OBJECT("list", &list_namespace_operand, 0),
	.validate = list_variable_validate,
	.generate = list_variable_generate,
	.dump_variable = list_variable_dump,
	.read_variable = list_variable_read,
};

static const struct sieve_extension_objects namespaces =
	SIEVE_VARIABLES_DEFINE_NAMESPACE(list_namespace);

const struct sieve_operand_def list_namespace_operand = {
	.name = "list-namespace",
	.ext_def = &ext_list,
	.class = &sieve_variables_namespace_operand_class,
	.interface = &namespaces,
};

void ext_list_variables_register(const struct sieve_extension *ext,
				 struct sieve_validator *valdtr)
{
	const struct sieve_extension *variables =
		countersign_variables_extension(ext->svinst);

	if (variables != NULL)
		sieve_variables_namespace_register(variables, valdtr, ext,
						   &list_namespace);
}

/* Validation */

static bool
list_variable_validate(struct sieve_validator *valdtr,
		       const struct sieve_variables_namespace *nspc ATTR_UNUSED,
		       struct sieve_ast_argument *arg,
		       struct sieve_command *cmd ATTR_UNUSED,
		       ARRAY_TYPE(sieve_variable_name) * var_name,
		       void **var_data, bool assignment)
{
	const struct sieve_variable_name *elements;
	unsigned int count;
	int field = -1;

	elements = array_get(var_name, &count);
	if (count == 2 && elements[1].num_variable < 0)
		field = list_field_find(str_c(elements[1].identifier));
	if (field < 0) {
		sieve_argument_validate_error(
			valdtr, arg,
			"%s: the namespace \"list\" has the "
			"variables " LIST_FIELD_NAMES,
			ext_list.name);
		return FALSE;
	}
	if (assignment) {
		sieve_argument_validate_error(
			valdtr, arg, "%s: ${list.%s} can't be set",
			ext_list.name, str_c(elements[1].identifier));
		return FALSE;
	}
	*var_data = p_strdup(sieve_ast_pool(arg->ast),
			     str_c(elements[1].identifier));
	return TRUE;
}

/* Generation */

static bool list_variable_generate(const struct sieve_codegen_env *cgenv,
				   const struct sieve_variables_namespace *nspc,
				   struct sieve_ast_argument *arg ATTR_UNUSED,
				   struct sieve_command *cmd ATTR_UNUSED,
				   void *var_data)
{
	const struct sieve_extension *ext = SIEVE_OBJECT_EXTENSION(nspc);

	if (ext == NULL)
		return FALSE;
	sieve_variables_opr_namespace_variable_emit(
		cgenv->sblock, countersign_variables_extension(ext->svinst),
		ext, &list_namespace);
	(void)sieve_binary_emit_cstring(cgenv->sblock, var_data);
	return TRUE;
}

static bool
list_variable_dump(const struct sieve_dumptime_env *denv,
		   const struct sieve_variables_namespace *nspc ATTR_UNUSED,
		   const struct sieve_operand *oprnd, sieve_size_t *address)
{
	string_t *name;

	if (!sieve_binary_read_string(denv->sblock, address, &name))
		return FALSE;
	sieve_code_dumpf(denv, "%s%sVAR ${list.%s}",
			 oprnd->field_name != NULL ? oprnd->field_name : "",
			 oprnd->field_name != NULL ? ": " : "", str_c(name));
	return TRUE;
}

/* Execution */

static int list_variable_read(const struct sieve_runtime_env *renv,
			      const struct sieve_variables_namespace *nspc,
			      const struct sieve_operand *oprnd,
			      sieve_size_t *address, string_t **str_r)
{
	const struct list *list;
	string_t *name;
	const char *value;
	int field, ret;

	if (!sieve_binary_read_string(renv->sblock, address, &name) ||
	    (field = list_field_find(str_c(name))) < 0) {
		sieve_runtime_trace_operand_error(renv, oprnd,
						  "invalid list variable");
		return SIEVE_EXEC_BIN_CORRUPT;
	}
	if (str_r == NULL)
		return SIEVE_EXEC_OK;

	ret = list_message_find(SIEVE_OBJECT_EXTENSION(nspc), renv, &list);
	if (ret <= 0)
		return ret;
	value = list == NULL ? "" : list_field_value(list, field);
	*str_r = t_str_new_const(value, strlen(value));
	return SIEVE_EXEC_OK;
}
