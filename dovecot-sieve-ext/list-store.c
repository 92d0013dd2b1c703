#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/list-store.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "dovecot-sieve-ext/list-recognise.h"
#include "dovecot-sieve-ext/list-settings.h"
#include "common/mem.h"

#include "mail-namespace.h"
#include "mail-storage.h"
#include "mailbox-list-iter.h"
#include "str-sanitize.h"

#include "sieve-actions.h"
#include "sieve-code.h"
#include "sieve-interpreter.h"
#include "sieve-result.h"

/* Making the mailbox, when the script's result is carried out */

static void create_print(const struct sieve_side_effect *effect,
			 const struct sieve_action *action,
			 const struct sieve_result_print_env *penv, bool *keep);
static int create_pre_execute(const struct sieve_side_effect *effect,
			      const struct sieve_action_exec_env *aenv,
			      void *tr_context, void **se_tr_context);

/* Only ever added at run time, so no operand leads to it. */
static const struct sieve_side_effect_def create_effect = {
	.obj_def = { .identifier = "filelist-create" },
	.precedence = 100, /* before flags are set */
	.to_action = &act_store,
	.print = create_print,
	.pre_execute = create_pre_execute,
};

static void create_print(const struct sieve_side_effect *effect ATTR_UNUSED,
			 const struct sieve_action *action ATTR_UNUSED,
			 const struct sieve_result_print_env *penv,
			 bool *keep ATTR_UNUSED)
{
	sieve_result_seffect_printf(penv,
				    "create mailbox if it does not exist");
}

static int status_of(const struct act_store_transaction *trans)
{
	return trans->error_code == MAIL_ERROR_TEMP ? SIEVE_EXEC_TEMP_FAILURE
						    : SIEVE_EXEC_FAILURE;
}

/* Another delivery may have made it first: that is as good. */
static int
create_pre_execute(const struct sieve_side_effect *effect ATTR_UNUSED,
		   const struct sieve_action_exec_env *aenv, void *tr_context,
		   void **se_tr_context ATTR_UNUSED)
{
	struct act_store_transaction *trans = tr_context;
	struct mailbox *box = trans->box;

	if (box == NULL || trans->disabled)
		return SIEVE_EXEC_OK;
	aenv->exec_env->exec_status->last_storage = mailbox_get_storage(box);

	if (mailbox_create(box, NULL, FALSE) < 0) {
		sieve_act_store_get_storage_error(aenv, trans);
		if (trans->error_code != MAIL_ERROR_EXISTS)
			return status_of(trans);
		trans->error = NULL;
		trans->error_code = MAIL_ERROR_NONE;
	} else if (mailbox_list_set_subscribed(mailbox_get_namespace(box)->list,
					       mailbox_get_name(box),
					       TRUE) < 0) {
		/* Mail that arrives is worth more than a subscription. */
		sieve_result_warning(
			aenv, "can't subscribe to mailbox %s: %s",
			trans->mailbox_identifier,
			mailbox_list_get_last_internal_error(
				mailbox_get_namespace(box)->list, NULL));
	}
	return SIEVE_EXEC_OK;
}

/* Finding it */

static const char *mailbox_name(struct mail_namespace *inbox,
				const char *prefix, const struct list *list)
{
	char *name = list_mailbox_name(list);
	char *path = list_mailbox_path(
		inbox->prefix, mail_namespace_get_sep(inbox), prefix, name);
	const char *copy = t_strdup(path);

	mem_free_string(&path);
	mem_free_string(&name);
	return copy;
}

/* How many mailboxes stand beside this one; no more than max are counted. */
static int
count_beside(struct mailbox *box, unsigned int max, unsigned int *count_r)
{
	struct mail_namespace *ns = mailbox_get_namespace(box);
	const char *vname = mailbox_get_vname(box);
	const char *last = strrchr(vname, mail_namespace_get_sep(ns));
	const char *above = last == NULL ? "" : t_strdup_until(vname, last + 1);
	struct mailbox_list_iterate_context *iter = mailbox_list_iter_init(
		ns->list, t_strconcat(above, "%", NULL),
		MAILBOX_LIST_ITER_NO_AUTO_BOXES |
			MAILBOX_LIST_ITER_SKIP_ALIASES |
			MAILBOX_LIST_ITER_RETURN_NO_FLAGS);

	*count_r = 0;
	while (*count_r < max && mailbox_list_iter_next(iter) != NULL)
		++*count_r;
	return mailbox_list_iter_deinit(&iter);
}

/* Why the mailbox is not to be made, NULL if it is. */
static int may_create(const struct list_settings *settings, bool asked,
		      struct mailbox *box, const char **why_r)
{
	unsigned int count;

	*why_r = NULL;
	if (mailbox_verify_create_name(box) < 0) {
		*why_r = t_strdup(mailbox_get_last_internal_error(box, NULL));
	} else if (!asked) {
		*why_r = "it doesn't exist; make it, or use :create";
	} else if (!settings->create) {
		*why_r = "it doesn't exist; make it, or set "
			 "countersign_list_create = always";
	} else {
		if (count_beside(box, settings->max_mailboxes, &count) < 0)
			return -1;
		if (count >= settings->max_mailboxes)
			*why_r = "it doesn't exist and there are "
				 "countersign_list_max_mailboxes already";
	}
	return 0;
}

static void add_create(const struct sieve_extension *ext,
		       const struct sieve_runtime_env *renv,
		       struct sieve_side_effects_list **effects)
{
	const struct sieve_side_effect effect = {
		.object = { .def = &create_effect.obj_def, .ext = ext },
		.def = &create_effect,
	};

	if (*effects == NULL)
		*effects = sieve_side_effects_list_create(renv->result);
	sieve_side_effects_list_add(*effects, &effect);
}

static int temporary_failure(const struct sieve_runtime_env *renv,
			     const char *mailbox, const char *why)
{
	sieve_runtime_critical(renv, NULL, "filelist action",
			       "filelist action: mailbox %s can't be looked "
			       "up: %s",
			       str_sanitize(mailbox, 256), why);
	return SIEVE_EXEC_TEMP_FAILURE;
}

/* The mailbox's state decides; *why_r is set if it can't be used. */
static int
check_mailbox(const struct sieve_extension *ext,
	      const struct sieve_runtime_env *renv,
	      const struct list_store_request *request, struct mailbox *box,
	      struct sieve_side_effects_list **effects, const char **why_r)
{
	enum mailbox_existence existence;
	enum mail_error error;
	const char *text;

	*why_r = NULL;
	if (mailbox_exists(box, TRUE, &existence) < 0) {
		text = mailbox_get_last_internal_error(box, &error);
		if (error == MAIL_ERROR_TEMP)
			return temporary_failure(renv, mailbox_get_vname(box),
						 text);
		*why_r = t_strdup(text);
		return SIEVE_EXEC_OK;
	}
	if (existence == MAILBOX_EXISTENCE_SELECT)
		return SIEVE_EXEC_OK;
	if (may_create(list_settings_of(ext), request->create, box, why_r) < 0)
		return temporary_failure(
			renv, mailbox_get_vname(box),
			mailbox_list_get_last_internal_error(
				mailbox_get_namespace(box)->list, NULL));
	if (*why_r == NULL)
		add_create(ext, renv, effects);
	return SIEVE_EXEC_OK;
}

int list_store_find(const struct sieve_extension *ext,
		    const struct sieve_runtime_env *renv,
		    const struct list_store_request *request,
		    struct sieve_side_effects_list **effects,
		    const char **mailbox_r)
{
	struct mail_user *user = renv->exec_env->scriptenv->user;
	const char *prefix = request->under != NULL
				     ? request->under
				     : list_settings_of(ext)->prefix;
	const char *name, *why = NULL;
	struct mailbox *box;
	int ret;

	*mailbox_r = NULL;
	/* The tools that compile have no user; nothing is stored there. */
	if (user == NULL)
		return SIEVE_EXEC_OK;
	name = mailbox_name(mail_namespace_find_inbox(user->namespaces), prefix,
			    request->list);
	if (name == NULL) {
		sieve_runtime_warning(renv, NULL,
				      "filelist action: the namespace's "
				      "separator is none of . / \\ ^");
		return SIEVE_EXEC_OK;
	}
	box = mailbox_alloc_for_user(user, name, MAILBOX_FLAG_POST_SESSION);
	ret = check_mailbox(ext, renv, request, box, effects, &why);
	mailbox_free(&box);
	if (ret <= 0)
		return ret;
	if (why == NULL)
		*mailbox_r = name;
	else
		sieve_runtime_log(renv, NULL,
				  "filelist action: left alone; mailbox %s: %s",
				  str_sanitize(name, 256), why);
	return SIEVE_EXEC_OK;
}
