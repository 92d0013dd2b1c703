#include "admin/help.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "common/mem.h"

#include <string.h>

#define WIDTH 80

/*
 * Text of words, wrapped; what follows the first line is indented. The words
 * of "[--option VALUE]" stay together.
 */
static void print_wrapped(FILE *file, const char *text, int first, int further)
{
	int column = first;

	(void)fprintf(file, "%*s", first, "");
	while (*text != '\0') {
		size_t len = strcspn(text, *text == '[' ? "]" : " ");

		len += text[len] == ']';
		if (column > first && column + 1 + (int)len > WIDTH)
			column = fprintf(file, "\n%*s", further, "") - 1;
		else if (column > first)
			column += fprintf(file, " ");
		column += fprintf(file, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', file);
}

static void print_command(FILE *file, const struct command *command)
{
	char *usage = mem_printf("%s %s %s", command->noun, command->verb,
				 command->arguments);

	print_wrapped(file, usage, 2, 12);
	print_wrapped(file, command->help, 8, 8);
	mem_free_string(&usage);
}

static void print_global(FILE *file, const struct call_global *global)
{
	char *option = mem_printf("--%s %s", global->name,
				  global->value != NULL ? global->value : "");

	(void)fprintf(file, "  %-15s  %s\n", option, global->help);
	mem_free_string(&option);
}

void help_print(FILE *file, const struct command *commands, const char *noun)
{
	const struct call_global *global;
	const struct command *command;

	(void)fputs("usage: countersign [--directory URI] [--config FILE] "
		    "[--json] [--no-publish]\n"
		    "                   NOUN VERB [ARGUMENTS]\n\n",
		    file);
	for (command = commands; command->noun != NULL; command++) {
		if (noun == NULL || strcmp(noun, command->noun) == 0)
			print_command(file, command);
	}
	if (noun != NULL)
		return;
	(void)fputc('\n', file);
	for (global = call_globals; global->name != NULL; global++)
		print_global(file, global);
}

void help_list(FILE *file, const struct command *commands)
{
	const struct call_global *global;
	const struct command *command;

	for (global = call_globals; global->name != NULL; global++)
		(void)fprintf(file, "--%s%s%s\n", global->name,
			      global->value != NULL ? " " : "",
			      global->value != NULL ? global->value : "");
	for (command = commands; command->noun != NULL; command++)
		(void)fprintf(file, "%s %s%s%s\n", command->noun, command->verb,
			      command->arguments[0] != '\0' ? " " : "",
			      command->arguments);
}
