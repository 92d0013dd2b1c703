#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "common/error.h"

#include "istream.h"
#include "mail-storage.h"
#include "message-header-parser.h"

#include "sieve-code.h"
#include "sieve-commands.h"
#include "sieve-ext-copy.h"
#include "sieve-ext-variables.h"
#include "sieve-interpreter.h"
#include "sieve-message.h"
#include "sieve-validator.h"

#define DEFAULT_PREFIX "Lists"
#define DEFAULT_MAX_MAILBOXES 200

/* Extension */

static bool ext_list_load(const struct sieve_extension *ext, void **context);
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

/* A setting that can't be understood never allows more than its default. */
static void
settings_read(struct ext_list_settings *settings, struct sieve_instance *svinst)
{
	const char *prefix =
		countersign_setting_get(svinst, "countersign_list_prefix");
	const char *create =
		countersign_setting_get(svinst, "countersign_list_create");
	const char *max = countersign_setting_get(
		svinst, "countersign_list_max_mailboxes");
	struct error err;

	settings->prefix = DEFAULT_PREFIX;
	if (prefix == NULL || *prefix == '\0')
		;
	else if (list_mailbox_prefix_check(prefix, &err) == 0)
		settings->prefix = prefix;
	else
		e_error(svinst->event,
			"countersign_list_prefix: %s; " DEFAULT_PREFIX
			" is used",
			err.text);
	settings->prefix = p_strdup(svinst->pool, settings->prefix);

	if (create == NULL || *create == '\0' || strcmp(create, "never") == 0)
		settings->create = FALSE;
	else if (strcmp(create, "always") == 0)
		settings->create = TRUE;
	else
		e_error(svinst->event,
			"countersign_list_create must be never or always, not "
			"\"%s\"; never is used",
			create);

	settings->max_mailboxes = DEFAULT_MAX_MAILBOXES;
	if (max != NULL && *max != '\0' &&
	    str_to_uint(max, &settings->max_mailboxes) < 0) {
		settings->max_mailboxes = DEFAULT_MAX_MAILBOXES;
		e_error(svinst->event,
			"countersign_list_max_mailboxes must be a number, not "
			"\"%s\"; %u is used",
			max, DEFAULT_MAX_MAILBOXES);
	}
}

static bool ext_list_load(const struct sieve_extension *ext, void **context)
{
	struct ext_list_settings *settings =
		p_new(ext->svinst->pool, struct ext_list_settings, 1);

	settings_read(settings, ext->svinst);
	*context = settings;
	return TRUE;
}

const struct ext_list_settings *
ext_list_settings(const struct sieve_extension *ext)
{
	return ext->context;
}

/* Validation */

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
		sieve_ext_copy_get_extension(ext->svinst);

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

/* The message's list */

struct ext_list_message {
	bool found;
	struct list list;
};

/* All candidate fields in one pass: each look-up by name costs one. */
static int read_fields(struct mail *mail, struct list_recogniser *recogniser)
{
	struct mailbox_header_lookup_ctx *wanted =
		mailbox_header_lookup_init(mail->box, list_recognise_fields);
	struct message_header_parser_ctx *parser;
	struct message_header_line *line;
	struct istream *input;
	int ret = mail_get_header_stream(mail, wanted, &input);

	if (ret == 0) {
		parser = message_parse_header_init(input, NULL, 0);
		while (message_parse_header_next(parser, &line) > 0) {
			if (line->continues)
				line->use_full_value = TRUE;
			else if (!line->eoh)
				list_recognise_field(
					recogniser, line->name,
					(const char *)line->full_value,
					line->full_value_len);
		}
		message_parse_header_deinit(&parser);
		if (input->stream_errno != 0)
			ret = -1;
	}
	mailbox_header_lookup_unref(&wanted);
	return ret;
}

/* "editheader" panics if it is asked for a stream (0.5.19, edit-mail.c). */
static int
read_edited_fields(struct mail *mail, struct list_recogniser *recogniser)
{
	const char *const *name, *const *values;

	for (name = list_recognise_fields; *name != NULL; name++) {
		if (mail_get_headers(mail, *name, &values) < 0)
			return -1;
		for (; *values != NULL; values++)
			list_recognise_field(recogniser, *name, *values,
					     strlen(*values));
	}
	return 0;
}

int ext_list_get(const struct sieve_extension *ext,
		 const struct sieve_runtime_env *renv,
		 const struct list **list_r)
{
	struct mail *mail = sieve_message_get_mail(renv->msgctx);
	/* "editheader" may change what an edited message says, any time. */
	const bool edited = mail != renv->exec_env->msgdata->mail;
	const struct ext_list_message *known =
		edited ? NULL
		       : sieve_message_context_extension_get(renv->msgctx, ext);
	struct list_recogniser recogniser;
	struct ext_list_message *message;

	if (known == NULL) {
		list_recognise_init(&recogniser);
		if ((edited ? read_edited_fields(mail, &recogniser)
			    : read_fields(mail, &recogniser)) < 0)
			return sieve_runtime_mail_error(
				renv, mail, "%s: the header can't be read",
				ext_list.name);
		message = p_new(sieve_message_context_pool(renv->msgctx),
				struct ext_list_message, 1);
		message->found = list_recognise(&recogniser, &message->list);
		if (!edited)
			sieve_message_context_extension_set(renv->msgctx, ext,
							    message);
		known = message;
	}
	*list_r = known->found ? &known->list : NULL;
	return SIEVE_EXEC_OK;
}

/* Fields */

static const char *const field_names[] = {
	[EXT_LIST_FIELD_ID] = "id",	[EXT_LIST_FIELD_LABEL] = "label",
	[EXT_LIST_FIELD_HOST] = "host", [EXT_LIST_FIELD_POST] = "post",
	[EXT_LIST_FIELD_KIND] = "kind",
};

int ext_list_field_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(field_names); i++) {
		if (strcmp(name, field_names[i]) == 0)
			return (int)i;
	}
	return -1;
}

const char *
ext_list_field_value(const struct list *list, enum ext_list_field field)
{
	switch (field) {
	case EXT_LIST_FIELD_ID:
		return list->id;
	case EXT_LIST_FIELD_LABEL:
		return list->label;
	case EXT_LIST_FIELD_HOST:
		return list->host;
	case EXT_LIST_FIELD_POST:
		return list->post;
	case EXT_LIST_FIELD_KIND:
		return list_kind_name(list->kind);
	}
	return "";
}
