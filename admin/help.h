#ifndef ADMIN_HELP_H
#define ADMIN_HELP_H

#include <stdio.h>

struct command;

/* The commands of one noun, or all of them (noun NULL) and the options. */
void help_print(FILE *file, const struct command *commands, const char *noun);

/*
 * Unwrapped, for programs: each global option with what its value is called,
 * then each command with its arguments.
 */
void help_list(FILE *file, const struct command *commands);

#endif
