#ifndef ADMIN_COMMANDS_H
#define ADMIN_COMMANDS_H

struct call;
struct error;

/*
 * One line of the table. arguments is both what help shows and what is
 * parsed: words in their order, "[WORD]" for one that may be missing (last),
 * "WORD..." for one or more (last), "[--flag]", "[--option VALUE]", and
 * "--option VALUE" for one that is required.
 *
 * run returns the exit status: 0 for yes or done, 1 for a plain "no"; or -1
 * with err_r filled, which main prints and whose sysexit becomes the status.
 */
struct command {
	const char *noun;
	const char *verb; /* may be two words: "member add" */
	const char *arguments;
	const char *help; /* one line, in the imperative */
	int (*run)(const struct call *call, struct error *err_r);
};

/* Sorted by noun; ends with a NULL noun. */
extern const struct command command_table[];

/* Alphabetical by file. */
int cmd_account_add(const struct call *call, struct error *err_r);
int cmd_account_list(const struct call *call, struct error *err_r);
int cmd_account_show(const struct call *call, struct error *err_r);
int cmd_account_enable(const struct call *call, struct error *err_r);
int cmd_account_disable(const struct call *call, struct error *err_r);
int cmd_account_remove(const struct call *call, struct error *err_r);
int cmd_account_passwd(const struct call *call, struct error *err_r);

int cmd_address_add(const struct call *call, struct error *err_r);
int cmd_address_list(const struct call *call, struct error *err_r);
int cmd_address_remove(const struct call *call, struct error *err_r);

int cmd_directory_init(const struct call *call, struct error *err_r);
int cmd_directory_check(const struct call *call, struct error *err_r);
int cmd_directory_publish(const struct call *call, struct error *err_r);
int cmd_directory_export(const struct call *call, struct error *err_r);
int cmd_directory_import(const struct call *call, struct error *err_r);

int cmd_dkim_list(const struct call *call, struct error *err_r);
int cmd_dkim_check(const struct call *call, struct error *err_r);
int cmd_dkim_generate(const struct call *call, struct error *err_r);
int cmd_dkim_record(const struct call *call, struct error *err_r);
int cmd_dkim_rotate(const struct call *call, struct error *err_r);
int cmd_dkim_activate(const struct call *call, struct error *err_r);
int cmd_dkim_retire(const struct call *call, struct error *err_r);
int cmd_dkim_remove(const struct call *call, struct error *err_r);

int cmd_domain_add(const struct call *call, struct error *err_r);
int cmd_domain_list(const struct call *call, struct error *err_r);
int cmd_domain_remove(const struct call *call, struct error *err_r);

int cmd_grant_add(const struct call *call, struct error *err_r);
int cmd_grant_list(const struct call *call, struct error *err_r);
int cmd_grant_remove(const struct call *call, struct error *err_r);

int cmd_group_add(const struct call *call, struct error *err_r);
int cmd_group_list(const struct call *call, struct error *err_r);
int cmd_group_remove(const struct call *call, struct error *err_r);
int cmd_group_member_add(const struct call *call, struct error *err_r);
int cmd_group_member_remove(const struct call *call, struct error *err_r);

int cmd_key_add(const struct call *call, struct error *err_r);
int cmd_key_attempts(const struct call *call, struct error *err_r);
int cmd_key_list(const struct call *call, struct error *err_r);
int cmd_key_new(const struct call *call, struct error *err_r);
int cmd_key_remove(const struct call *call, struct error *err_r);
int cmd_key_show(const struct call *call, struct error *err_r);

int cmd_secret_list(const struct call *call, struct error *err_r);
int cmd_secret_rotate(const struct call *call, struct error *err_r);

int cmd_sender_check(const struct call *call, struct error *err_r);
int cmd_sender_report(const struct call *call, struct error *err_r);

int cmd_setup_dovecot(const struct call *call, struct error *err_r);
int cmd_setup_postfix(const struct call *call, struct error *err_r);

#endif
