#include "admin/commands.h"

#include "admin/call.h"
#include "admin/output.h"
#include "common/address.h"
#include "common/buffer.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/message-header.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX_MB 64

static const char *
explain(enum directory_permission permission, bool account_enabled)
{
	switch (permission) {
	case DIRECTORY_PERMISSION_OWN:
		return "its own";
	case DIRECTORY_PERMISSION_GRANTED:
		return "granted";
	case DIRECTORY_PERMISSION_ON_BEHALF:
		return "granted on behalf, with a Sender field of its own";
	case DIRECTORY_PERMISSION_NO:
	case DIRECTORY_PERMISSION_FAILED:
		break;
	}
	return account_enabled ? "neither its own nor granted"
			       : "the account is disabled";
}

static int check_account(const struct call *call, struct directory *dir,
			 const struct directory_account *account,
			 const struct address *address, struct error *err_r)
{
	static const char *const columns[] = { "account", "address", "may",
					       "why", NULL };
	enum directory_permission permission = directory_may_send_as(
		dir, account->name, address, time(NULL), err_r);
	bool may = permission != DIRECTORY_PERMISSION_NO;

	if (permission == DIRECTORY_PERMISSION_FAILED)
		return -1;
	output_record(call->out, columns);
	output_string(call->out, account->name);
	output_string(call->out, call->argv[1]);
	output_bool(call->out, may);
	output_string(call->out, explain(permission, account->enabled));
	return may ? 0 : 1;
}

static int check_address(const struct call *call, struct directory *dir,
			 struct error *err_r)
{
	struct directory_account account;
	struct address address;
	int status = -1;

	if (address_parse(&address, call->argv[1], err_r) < 0)
		return -1;
	switch (directory_login(dir, call->argv[0], &account, err_r)) {
	case DIRECTORY_FAILED:
		break;
	case DIRECTORY_NO:
		error_set_as(err_r, EX_NOUSER,
			     "\"%s\" is neither an account nor an address of "
			     "one",
			     call->argv[0]);
		break;
	case DIRECTORY_YES:
		status = check_account(call, dir, &account, &address, err_r);
		directory_account_release(&account);
		break;
	}
	address_release(&address);
	return status;
}

static int read_message(struct buffer *message_r, struct error *err_r)
{
	char piece[65536];
	size_t len;

	while ((len = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		if ((message_r->len + len) >> 20 >= MESSAGE_MAX_MB)
			return error_set(
				err_r, "the message is not shorter than %d MB",
				MESSAGE_MAX_MB);
		buffer_append_bytes(message_r, piece, len);
	}
	if (ferror(stdin))
		return error_set_as(err_r, EX_IOERR,
				    "the message can't be read: %s",
				    strerror(errno));
	return 0;
}

/* Without a reverse-path the header alone is checked. */
static void judge(const struct policy_question *question,
		  const struct buffer *message,
		  struct policy_verdict *verdict_r)
{
	struct message_header header;

	if (question->mail_from != NULL &&
	    policy_check_envelope(question, verdict_r) != POLICY_PASS)
		return;
	message_header_split(&header, buffer_string(message), message->len);
	policy_check_header(question, header.fields, header.count, verdict_r);
	message_header_release(&header);
}

static const char *none_if_empty(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int answer(const struct call *call, const char *mail_from,
		  const struct policy_verdict *verdict, struct error *err_r)
{
	static const char *const columns[] = {
		"verdict",	"account", "mail_from", "from",
		"added_sender", "reply",   NULL
	};
	bool pass = verdict->result == POLICY_PASS;
	char *reply = NULL;

	if (verdict->result == POLICY_DEFER)
		return error_set_as(err_r, EX_UNAVAILABLE, "%s",
				    verdict->reason);
	if (!pass)
		reply = mem_printf("%s %s %s", verdict->code, verdict->status,
				   verdict->text);
	output_record(call->out, columns);
	output_string(call->out, policy_word(verdict->result));
	output_string(call->out, none_if_empty(verdict->account));
	output_string(call->out, mail_from != NULL && mail_from[0] == '\0'
					 ? "<>"
					 : mail_from);
	output_string(call->out, none_if_empty(verdict->authors));
	output_string(call->out, none_if_empty(verdict->sender));
	output_string(call->out, reply);
	mem_free_string(&reply);
	return pass ? 0 : 1;
}

/* "<>" is the null sender; other brackets are taken off as well. */
static char *reverse_path(const char *envelope)
{
	size_t len;

	if (envelope == NULL)
		return NULL;
	len = strlen(envelope);
	if (len >= 2 && envelope[0] == '<' && envelope[len - 1] == '>')
		return mem_strndup(envelope + 1, len - 2);
	return mem_strdup(envelope);
}

/* The filter's own, where it is installed. */
static int load_rules(const struct call *call, struct policy_rules *rules_r,
		      struct error *err_r)
{
	static const char filter[] =
		"/etc/countersign/milter-sender-check.conf";
	const char *path = call_option(call, "rules");

	if (path == NULL && access(filter, F_OK) == 0)
		path = filter;
	return policy_rules_load(rules_r, path, err_r);
}

static int check_message(const struct call *call, struct directory *dir,
			 struct error *err_r)
{
	char *mail_from = reverse_path(call_option(call, "envelope"));
	struct buffer message = BUFFER_INIT;
	struct policy_verdict verdict;
	struct policy_rules rules;
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = call->argv[0],
		.mail_from = mail_from,
		.now = time(NULL),
	};
	int status = -1;

	if (load_rules(call, &rules, err_r) == 0) {
		if (read_message(&message, err_r) == 0) {
			judge(&question, &message, &verdict);
			status = answer(call, mail_from, &verdict, err_r);
		}
		policy_rules_release(&rules);
	}
	buffer_release(&message);
	mem_free_string(&mail_from);
	return status;
}

int cmd_sender_check(const struct call *call, struct error *err_r)
{
	bool message = call_option(call, "message") != NULL;
	struct directory *dir;
	int status;

	if (message == (call->argc == 2))
		return error_set_as(err_r, EX_USAGE,
				    "sender check needs either an ADDRESS or "
				    "--message, with the message on standard "
				    "input");
	if (!message && (call_option(call, "envelope") != NULL ||
			 call_option(call, "rules") != NULL))
		return error_set_as(err_r, EX_USAGE,
				    "--envelope and --rules go with --message "
				    "only");
	if (directory_open(&dir, call->directory, err_r) < 0)
		return -1;
	status = message ? check_message(call, dir, err_r)
			 : check_address(call, dir, err_r);
	directory_close(&dir);
	return status;
}
