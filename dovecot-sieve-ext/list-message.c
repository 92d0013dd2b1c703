#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-message.h"
#include "dovecot-sieve-ext/list-recognise.h"

#include "istream.h"
#include "mail-storage.h"
#include "message-header-parser.h"

#include "sieve-code.h"
#include "sieve-interpreter.h"
#include "sieve-message.h"

struct known_list {
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

int list_message_find(const struct sieve_extension *ext,
		      const struct sieve_runtime_env *renv,
		      const struct list **list_r)
{
	struct mail *mail = sieve_message_get_mail(renv->msgctx);
	/* "editheader" may change what an edited message says, any time. */
	const bool edited = mail != renv->exec_env->msgdata->mail;
	const struct known_list *known =
		edited ? NULL
		       : sieve_message_context_extension_get(renv->msgctx, ext);
	struct list_recogniser recogniser;
	struct known_list *message;

	if (known == NULL) {
		list_recognise_init(&recogniser);
		if ((edited ? read_edited_fields(mail, &recogniser)
			    : read_fields(mail, &recogniser)) < 0)
			return sieve_runtime_mail_error(
				renv, mail, "%s: the header can't be read",
				sieve_extension_name(ext));
		message = p_new(sieve_message_context_pool(renv->msgctx),
				struct known_list, 1);
		message->found = list_recognise(&recogniser, &message->list);
		if (!edited)
			sieve_message_context_extension_set(renv->msgctx, ext,
							    message);
		known = message;
	}
	*list_r = known->found ? &known->list : NULL;
	return SIEVE_EXEC_OK;
}
