#ifndef ADMIN_CALL_H
#define ADMIN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct command;
struct error;
struct output;

#define CALL_ARGUMENTS_MAX 32
#define CALL_OPTIONS_MAX 8

struct call_option {
	const char *name; /* without dashes; ends after len */
	size_t len;
	const char *value; /* "" for a flag */
};

/* What was asked on the command line. Strings are argv's or the table's. */
struct call {
	const struct command *command; /* NULL: help is asked for */
	const char *noun;	       /* of that help; NULL: all */
	bool help;
	bool version;
	bool list_commands; /* --commands */
	bool json;
	bool no_publish;
	const char *config;    /* --config, or NULL */
	const char *directory; /* the URI; NULL until main sets it */
	const char *argv[CALL_ARGUMENTS_MAX];
	int argc;
	struct call_option options[CALL_OPTIONS_MAX];
	int option_count;
	struct output *out;
};

/* An option that every command takes. */
struct call_global {
	const char *name;  /* without dashes */
	const char *value; /* what it is called; NULL: a flag */
	const char *help;
	size_t offset; /* of the bool or const char * in struct call */
};

/* Ends with a NULL name. */
extern const struct call_global call_globals[];

/*
 * From main's argv. A wrong command line is EX_USAGE and says how to write
 * it. "--" ends options; global options may stand anywhere before it.
 */
int call_parse(struct call *call_r, const struct command *commands, char **argv,
	       struct error *err_r);

/* The option's value, "" for a flag, NULL if it was not given. */
const char *call_option(const struct call *call, const char *name);

#endif
