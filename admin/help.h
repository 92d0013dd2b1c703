#ifndef ADMIN_HELP_H
#define ADMIN_HELP_H

#include <stdio.h>

struct command;

/* The commands of one noun, or all of them (noun NULL) and the options. */
void help_print(FILE *file, const struct command *commands, const char *noun);

#endif
