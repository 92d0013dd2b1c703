#ifndef ADMIN_SPAWN_H
#define ADMIN_SPAWN_H

struct error;

#define SPAWN_OUTPUT_MAX 4096

/*
 * Run a program (argv[0] is its path) with an environment of its own and
 * nothing on standard input, and wait for it. output_r: its standard output,
 * the caller's, or NULL if it is not wanted (then it goes to stderr). It is
 * an error (EX_UNAVAILABLE) if it ends with anything but 0.
 */
int spawn_run(const char *const *argv, char **output_r, struct error *err_r);

#endif
