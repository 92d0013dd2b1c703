#ifndef ADMIN_SPAWN_H
#define ADMIN_SPAWN_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct error;

#define SPAWN_OUTPUT_MAX_KB 1024

/*
 * Run a program (argv[0] is its path) with an environment of its own and
 * nothing on standard input, and wait for it. output_r: its standard output,
 * the caller's, or NULL if it is not wanted (then it goes to stderr). It is
 * an error (EX_UNAVAILABLE) if it ends with anything but 0, or says more than
 * that.
 */
int spawn_run(const char *const *argv, char **output_r, struct error *err_r);

/*
 * The same where its end is no error: all that it says on both outputs, the
 * caller's, and its status, or 128 and the signal that ended it, as in a shell.
 */
int spawn_capture(const char *const *argv, char **said_r, int *status_r,
		  struct error *err_r);

/*
 * Run with input (at most SPAWN_INPUT_MAX octets) on its standard input; what
 * it says goes to stderr. Its end is no error: status as above.
 */
#define SPAWN_INPUT_MAX 16384

int spawn_feed(const char *const *argv, const char *input, int *status_r,
	       struct error *err_r);

/* A program whose standard output is read as it comes. */
struct spawn {
	const char *path; /* argv[0]; borrowed */
	pid_t pid;
	FILE *output;
};

int spawn_open(struct spawn *spawn_r, const char *const *argv,
	       struct error *err_r);

/* After the end of its output; waits for its end, as spawn_run() does. */
int spawn_close(struct spawn *spawn, struct error *err_r);

/* Does it end with 0? What it says goes nowhere. */
bool spawn_test(const char *const *argv);

#endif
