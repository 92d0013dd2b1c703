#include "admin/help.h"

#include "admin/commands.h"

#include <string.h>

static void print_command(FILE *file, const struct command *command)
{
	(void)fprintf(file, "  %s %s%s%s\n        %s\n", command->noun,
		      command->verb, command->arguments[0] != '\0' ? " " : "",
		      command->arguments, command->help);
}

void help_print(FILE *file, const struct command *commands, const char *noun)
{
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
	(void)fputs("\n"
		    "  --directory URI  the account directory instead of the "
		    "configured one\n"
		    "  --config FILE    instead of "
		    "/etc/countersign/countersign.conf\n"
		    "  --json           answer in JSON\n"
		    "  --no-publish     leave the change to a later "
		    "`directory publish'\n"
		    "  --help           this text, or of one noun: "
		    "countersign NOUN --help\n"
		    "  --version        the version\n",
		    file);
}
