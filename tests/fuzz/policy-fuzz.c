#include "tests/fuzz/fuzz.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"

#include "admin/master.h"
#include "common/address.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/message-header.h"
#include "common/policy-internal.h"
#include "common/policy-rules.h"
#include "common/policy.h"
#include "common/span.h"

#include <stdbool.h>
#include <string.h>

#define NOW 1800000000

static char *folder;
static struct directory *dir;

/*
 * One message. The input's first line names rules by a letter each, the second
 * is the login, the third the reverse-path, the rest the message.
 */
struct input {
	struct policy_rules rules;
	char *login;
	char *mail_from;
	struct message_header header;
};

static void grant(struct master *master, const char *holder,
		  const char *address, time_t until, bool on_behalf)
{
	const struct master_grant row = { holder, address, until, on_behalf };
	struct error err;

	MUST(master_grant_add(master, &row, &err) == 0);
}

static void fill(struct master *master)
{
	static const char *const own[][2] = {
		{ "anna", "anna@example.org" },
		{ "anna", "J\xc3\xb6rg@b\xc3\xbc"
			  "cher.example" },
		{ "ceo", "ceo@example.org" },
		{ "dora", "dora@example.org" },
		{ "max", "@example.org" },
	};
	struct error err;
	size_t i;

	MUST(master_domain_add(master, "example.org", "+", false, NULL, &err) ==
	     0);
	MUST(master_domain_add(master,
			       "b\xc3\xbc"
			       "cher.example",
			       "", true, NULL, &err) == 0);
	MUST(master_domain_add(master, "example.net", "", false, "example.org",
			       &err) == 0);
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		if (i == 0 || strcmp(own[i][0], own[i - 1][0]) != 0)
			MUST(master_account_add(master, own[i][0], &err) == 0);
		MUST(master_address_add(master, own[i][1], own[i][0], &err) ==
		     0);
	}
	MUST(master_account_enable(master, "dora", false, &err) == 0);
	MUST(master_group_add(master, "staff", &err) == 0);
	MUST(master_group_add_member(master, "staff", "anna", &err) == 0);
	grant(master, "%staff", "info@example.org", 0, false);
	grant(master, "anna", "boss@example.com", 0, true);
	grant(master, "anna", "old@example.com", NOW, false);
	grant(master, "anna", "@example.test", 0, false);
}

static void finish(void)
{
	directory_close(&dir);
	folder_remove(&folder);
}

static void start(void)
{
	folder = folder_make("directory");
	dir = published_open(folder, fill);
	MUST(atexit(finish) == 0);
}

static char *take_string(struct span *rest)
{
	struct span line = span_take_line(rest);

	return mem_strndup(line.at, line.len);
}

static void read_input(struct input *input_r, const uint8_t *data, size_t size)
{
	static char account[] = "max", group[] = "%staff";
	static char *exempt_account[] = { account, NULL };
	static char *exempt_group[] = { group, NULL };
	struct span rest = { .at = (const char *)data, .len = size };
	char *rules = take_string(&rest);

	*input_r = (struct input){ .login = take_string(&rest) };
	input_r->mail_from = take_string(&rest);
	message_header_split(&input_r->header, rest.at, rest.len);
	if (strchr(rules, 'r') != NULL)
		input_r->rules.resent = POLICY_RESENT_ALLOW;
	if (strchr(rules, 'n') != NULL)
		input_r->rules.address_in_name = POLICY_ADDRESS_IN_NAME_ACCEPT;
	if (strchr(rules, 'u') != NULL)
		input_r->rules.unknown_login = POLICY_UNKNOWN_LOGIN_EXEMPT;
	if (strchr(rules, 'a') != NULL)
		input_r->rules.exempt = exempt_account;
	if (strchr(rules, 'g') != NULL)
		input_r->rules.exempt = exempt_group;
	mem_free_string(&rules);
}

static void release(struct input *input)
{
	mem_free_string(&input->login);
	mem_free_string(&input->mail_from);
	message_header_release(&input->header);
}

static struct policy_question
question_of(const struct input *input, const struct policy_rules *rules)
{
	return (struct policy_question){ .dir = dir,
					 .rules = rules,
					 .login = input->login,
					 .mail_from = input->mail_from,
					 .now = NOW };
}

/* The directory is there, so nothing is put off. */
static void must_be_sound(const struct policy_verdict *verdict)
{
	const char *c;

	if (verdict->result == POLICY_PASS) {
		MUST(verdict->code[0] == '\0' && verdict->text[0] == '\0');
		MUST(verdict->exempt == (verdict->reason[0] != '\0'));
		return;
	}
	MUST(verdict->result == POLICY_REJECT && !verdict->exempt);
	MUST(strcmp(verdict->code, "550") == 0);
	MUST(strncmp(verdict->status, "5.", 2) == 0);
	MUST(verdict->text[0] != '\0' && verdict->reason[0] != '\0');
	MUST(verdict->sender[0] == '\0');
	for (c = verdict->text; *c != '\0'; c++)
		MUST(*c >= 0x20 && *c < 0x7f);
}

static enum directory_permission
permission(const struct policy_verdict *verdict, const struct address *address)
{
	struct error err;

	return directory_may_send_as(dir, verdict->account, address, NOW, &err);
}

/* One From: at the least, and all in it the account's to write as? */
static bool is_allowed(const struct policy_verdict *verdict,
		       const struct policy_field *field)
{
	struct mailbox_list list;
	bool allowed = true;
	struct error err;
	size_t i;

	MUST(mailbox_list_parse(&list, field->value, field->value_len, &err) ==
	     0);
	MUST(list.count > 0);
	for (i = 0; i < list.count; i++)
		allowed = allowed &&
			  permission(verdict, &list.mailboxes[i].address) >
				  DIRECTORY_PERMISSION_NO;
	mailbox_list_release(&list);
	return allowed;
}

/* By the uppermost Resent-From:, where the rules let one excuse From:. */
static bool
is_excused(const struct input *input, const struct policy_verdict *verdict)
{
	const struct message_header *header = &input->header;
	size_t i;

	for (i = 0; i < header->count; i++) {
		if (policy_is_named(header->fields[i].name, "Resent-From"))
			return is_allowed(verdict, &header->fields[i]);
	}
	return false;
}

/* Whose From: is it? Blocks below the uppermost may be another's then. */
static void must_be_an_authors(const struct input *input,
			       const struct policy_verdict *verdict)
{
	const struct message_header *header = &input->header;
	bool allow = input->rules.resent == POLICY_RESENT_ALLOW;
	const struct policy_field *from;
	size_t i;

	MUST(policy_find_field(&from, header->fields, header->count, "From") ==
	     1);
	MUST(is_allowed(verdict, from) ||
	     (allow && is_excused(input, verdict)));
	for (i = 0; i < header->count && !allow; i++) {
		if (policy_is_named(header->fields[i].name, "Resent-From"))
			MUST(is_allowed(verdict, &header->fields[i]));
	}
}

/* A Sender: that is added is an own one, and the only one. */
static void must_be_an_own_sender(const struct input *input,
				  const struct policy_verdict *verdict)
{
	const struct message_header *header = &input->header;
	const struct policy_field *field;
	struct address address;
	struct error err;

	MUST(policy_find_field(&field, header->fields, header->count,
			       "Sender") == 0);
	MUST(address_parse(&address, verdict->sender, &err) == 0);
	MUST(permission(verdict, &address) == DIRECTORY_PERMISSION_OWN);
	address_release(&address);
}

/* A rule that is less strict refuses nothing that passed. */
static void must_pass_with(const struct input *input, struct policy_rules rules)
{
	const struct policy_question question = question_of(input, &rules);
	struct policy_verdict verdict;

	MUST(policy_check_header(&question, input->header.fields,
				 input->header.count, &verdict) == POLICY_PASS);
}

static void check_header(const struct input *input)
{
	const struct policy_question question =
		question_of(input, &input->rules);
	struct policy_rules looser = input->rules;
	struct policy_verdict verdict;

	policy_check_header(&question, input->header.fields,
			    input->header.count, &verdict);
	must_be_sound(&verdict);
	if (verdict.result != POLICY_PASS)
		return;
	if (verdict.exempt) {
		MUST(input->rules.exempt != NULL || input->rules.unknown_login);
		MUST(strcmp(verdict.account, "dora") != 0);
		return;
	}
	must_be_an_authors(input, &verdict);
	if (verdict.sender[0] != '\0')
		must_be_an_own_sender(input, &verdict);
	looser.address_in_name = POLICY_ADDRESS_IN_NAME_ACCEPT;
	must_pass_with(input, looser);
	looser.resent = POLICY_RESENT_ALLOW;
	must_pass_with(input, looser);
}

static void check_envelope(const struct input *input)
{
	const struct policy_question question =
		question_of(input, &input->rules);
	struct policy_verdict verdict;
	struct address address;
	struct error err;

	policy_check_envelope(&question, &verdict);
	must_be_sound(&verdict);
	if (verdict.result != POLICY_PASS || verdict.exempt ||
	    input->mail_from[0] == '\0')
		return;
	MUST(address_parse(&address, input->mail_from, &err) == 0);
	switch (permission(&verdict, &address)) {
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
		break;
	case DIRECTORY_PERMISSION_FAILED:
	case DIRECTORY_PERMISSION_NO:
	case DIRECTORY_PERMISSION_ON_BEHALF:
		MUST(!"another's reverse-path passed");
	}
	address_release(&address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input;

	if (dir == NULL)
		start();
	read_input(&input, data, size);
	check_envelope(&input);
	check_header(&input);
	release(&input);
	return 0;
}
