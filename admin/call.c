#include "admin/call.h"

#include "admin/commands.h"
#include "admin/settings.h"
#include "common/error.h"

#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#define WORDS_MAX 3 /* of a noun and its verb */

/* One item of a command's arguments, as commands.h describes them. */
struct item {
	const char *name; /* the word, or the option without its dashes */
	size_t len;
	bool option;
	bool required;
	bool valued;
	bool repeated; /* "WORD...": this one and any number more */
};

static bool same(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && strncmp(name, text, len) == 0;
}

static const char dots[] = "...";

/* Takes the next item off *text; false at the end. */
static bool next_item(struct item *item_r, const char **text)
{
	const char *at = *text + strspn(*text, " ");
	bool bracket = *at == '[';
	const char *end;

	at += bracket;
	if (*at == '\0')
		return false;
	*item_r = (struct item){
		.name = at,
		.len = strcspn(at, " ]"),
		.option = strncmp(at, "--", 2) == 0,
		.required = !bracket,
	};
	end = at + item_r->len;
	item_r->repeated = item_r->len > strlen(dots) &&
			   strncmp(end - strlen(dots), dots, strlen(dots)) == 0;
	if (item_r->repeated)
		item_r->len -= strlen(dots);
	if (item_r->option) {
		item_r->name += 2;
		item_r->len -= 2;
		/* "[--option VALUE]", or "--option VALUE", never a bare flag */
		item_r->valued = *end == ' ';
		if (item_r->valued)
			end += 1 + strcspn(end + 1, " ]");
	}
	*text = end + bracket;
	return true;
}

static int usage(const struct command *command, struct error *err_r)
{
	struct error why = *err_r;

	return error_set_as(err_r, EX_USAGE, "%s; usage: countersign %s %s%s%s",
			    why.text, command->noun, command->verb,
			    command->arguments[0] != '\0' ? " " : "",
			    command->arguments);
}

static bool is_verb(const char *verb, const char *const *words, int count)
{
	while (count-- > 0) {
		size_t len = strcspn(verb, " ");

		if (!same(*words++, verb, len))
			return false;
		verb += len + (verb[len] == ' ');
	}
	return *verb == '\0';
}

static const struct command *
find_command(const struct command *command, const char *const *words, int count)
{
	for (; command->noun != NULL; command++) {
		if (strcmp(command->noun, words[0]) == 0 &&
		    is_verb(command->verb, words + 1, count - 1))
			return command;
	}
	return NULL;
}

static bool is_noun(const struct command *command, const char *word)
{
	for (; command->noun != NULL; command++) {
		if (strcmp(command->noun, word) == 0)
			return true;
	}
	return false;
}

static bool find_option(struct item *item_r, const char *arguments,
			const char *name, size_t len)
{
	while (next_item(item_r, &arguments)) {
		if (item_r->option && item_r->len == len &&
		    strncmp(item_r->name, name, len) == 0)
			return true;
	}
	return false;
}

static const struct call_option *
given_option(const struct call *call, const char *name, size_t len)
{
	int i;

	for (i = 0; i < call->option_count; i++) {
		if (call->options[i].len == len &&
		    strncmp(call->options[i].name, name, len) == 0)
			return &call->options[i];
	}
	return NULL;
}

const char *call_option(const struct call *call, const char *name)
{
	const struct call_option *option =
		given_option(call, name, strlen(name));

	return option != NULL ? option->value : NULL;
}

/* Every required item is there, and no argument too many. */
static int check_complete(const struct call *call, struct error *err_r)
{
	const char *text = call->command->arguments;
	struct item item;
	int count = 0;

	while (next_item(&item, &text)) {
		bool given = item.option ? given_option(call, item.name,
							item.len) != NULL
					 : count++ < call->argc;

		if (item.required && !given) {
			error_set_as(err_r, EX_USAGE, "%s%.*s is missing",
				     item.option ? "--" : "", (int)item.len,
				     item.name);
			return usage(call->command, err_r);
		}
		if (item.repeated && count < call->argc)
			count = call->argc;
	}
	if (call->argc > count) {
		error_set_as(err_r, EX_USAGE, "\"%s\" is one argument too many",
			     call->argv[count]);
		return usage(call->command, err_r);
	}
	return 0;
}

/* An argument that begins with dashes, taken apart. */
struct dashed {
	const char *name;
	size_t len;
	const char *value; /* behind "=", or NULL */
};

static struct dashed take_apart(const char *text)
{
	const char *name = text + 2;
	size_t len = strcspn(name, "=");

	return (struct dashed){
		.name = name,
		.len = len,
		.value = name[len] == '=' ? name + len + 1 : NULL,
	};
}

/* The value, behind "=" or in the next argument; moves *argv on to it. */
static int take_value(const char **value_r, char ***argv, struct error *err_r)
{
	struct dashed dashed = take_apart(**argv);

	*value_r = dashed.value != NULL ? dashed.value : (*argv)[1];
	if (*value_r == NULL)
		return error_set_as(err_r, EX_USAGE, "%s needs a value",
				    **argv);
	if (dashed.value == NULL)
		(*argv)++;
	return 0;
}

const struct call_global call_globals[] = {
	{ "directory", "URI",
	  "the account directory instead of the configured one",
	  offsetof(struct call, directory) },
	{ "config", "FILE", "instead of " SETTINGS_PATH,
	  offsetof(struct call, config) },
	{ "json", NULL, "answer in JSON", offsetof(struct call, json) },
	{ "no-publish", NULL,
	  "leave the change to a later \"directory publish\"",
	  offsetof(struct call, no_publish) },
	{ "commands", NULL, "print a line for each option and command",
	  offsetof(struct call, list_commands) },
	{ "help", NULL, "this text, or of one noun: countersign NOUN --help",
	  offsetof(struct call, help) },
	{ "version", NULL, "the version", offsetof(struct call, version) },
	{ .name = NULL },
};

/* 1: it was a global option; 0: it is none; -1: a wrong one. */
static int parse_global(struct call *call, char ***argv, struct error *err_r)
{
	struct dashed dashed = take_apart(**argv);
	const struct call_global *global;

	for (global = call_globals; global->name != NULL; global++) {
		void *member = (char *)call + global->offset;

		if (!same(global->name, dashed.name, dashed.len))
			continue;
		if (global->value != NULL)
			return take_value(member, argv, err_r) < 0 ? -1 : 1;
		if (dashed.value != NULL)
			return error_set_as(err_r, EX_USAGE,
					    "--%s takes no value",
					    global->name);
		*(bool *)member = true;
		return 1;
	}
	return 0;
}

static int parse_option(struct call *call, char ***argv, struct error *err_r)
{
	struct call_option *option = &call->options[call->option_count];
	struct dashed dashed = take_apart(**argv);
	const char *given = **argv;
	struct item item;

	if (strncmp(given, "--", 2) != 0 ||
	    !find_option(&item, call->command->arguments, dashed.name,
			 dashed.len))
		return error_set_as(err_r, EX_USAGE, "%s is not an option here",
				    given);
	if (given_option(call, item.name, item.len) != NULL)
		return error_set_as(err_r, EX_USAGE, "%s is given twice",
				    given);
	if (!item.valued && dashed.value != NULL)
		return error_set_as(err_r, EX_USAGE, "--%.*s takes no value",
				    (int)item.len, item.name);
	*option = (struct call_option){ item.name, item.len, "" };
	call->option_count++;
	return item.valued ? take_value(&option->value, argv, err_r) : 0;
}

struct words {
	const char *word[WORDS_MAX];
	int count;
};

static int parse_word(struct call *call, const struct command *commands,
		      struct words *words, const char *word,
		      struct error *err_r)
{
	if (call->command != NULL) {
		if (call->argc == CALL_ARGUMENTS_MAX) {
			error_set_as(err_r, EX_USAGE,
				     "\"%s\" is one argument too many", word);
			return usage(call->command, err_r);
		}
		call->argv[call->argc++] = word;
		return 0;
	}
	words->word[words->count++] = word;
	if (!is_noun(commands, words->word[0]))
		return error_set_as(err_r, EX_USAGE,
				    "\"%s\" is not a noun of this command; "
				    "try countersign --help",
				    words->word[0]);
	call->noun = words->word[0];
	call->command = find_command(commands, words->word, words->count);
	if (call->command == NULL && words->count == WORDS_MAX)
		return error_set_as(err_r, EX_USAGE,
				    "\"%s\" is not a verb of %s; try "
				    "countersign %s --help",
				    words->word[1], call->noun, call->noun);
	return 0;
}

static int parse_dashed(struct call *call, char ***argv, struct error *err_r)
{
	int global = 0;

	if (strncmp(**argv, "--", 2) == 0)
		global = parse_global(call, argv, err_r);
	if (global != 0)
		return global < 0 ? -1 : 0;
	if (call->command == NULL)
		return error_set_as(err_r, EX_USAGE,
				    "%s is not an option here; try "
				    "countersign --help",
				    **argv);
	if (parse_option(call, argv, err_r) < 0)
		return usage(call->command, err_r);
	return 0;
}

int call_parse(struct call *call_r, const struct command *commands, char **argv,
	       struct error *err_r)
{
	struct words words = { .count = 0 };
	bool options = true;

	*call_r = (struct call){ .command = NULL };
	for (argv++; *argv != NULL; argv++) {
		bool dashed =
			options && (*argv)[0] == '-' && (*argv)[1] != '\0';

		if (dashed && strcmp(*argv, "--") == 0)
			options = false;
		else if ((dashed ? parse_dashed(call_r, &argv, err_r)
				 : parse_word(call_r, commands, &words, *argv,
					      err_r)) < 0)
			return -1;
	}
	if (call_r->help || call_r->version || call_r->list_commands)
		return 0;
	if (call_r->command == NULL && words.count > 1)
		return error_set_as(err_r, EX_USAGE,
				    "\"%s\" is not a verb of %s; try "
				    "countersign %s --help",
				    words.word[1], call_r->noun, call_r->noun);
	return call_r->command != NULL ? check_complete(call_r, err_r) : 0;
}
