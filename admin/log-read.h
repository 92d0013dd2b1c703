#ifndef ADMIN_LOG_READ_H
#define ADMIN_LOG_READ_H

#include <stdio.h>

struct error;

/* Longer lines are none of ours. */
#define LOG_LINE_OCTETS_MAX 16384

/* A line without its newline, as far as its first NUL; "" if it is too long. */
typedef void log_line_taker(void *context, const char *line);

/* All lines; name is for the error. */
int log_read(FILE *file, const char *name, log_line_taker *take, void *context,
	     struct error *err_r);

/* Those of a file, or of standard input if it is "-". */
int log_read_file(const char *path, log_line_taker *take, void *context,
		  struct error *err_r);

/* What a unit logged in the journal, since whenever (journalctl(1)) or NULL. */
int log_read_journal(const char *unit, const char *since, log_line_taker *take,
		     void *context, struct error *err_r);

#endif
