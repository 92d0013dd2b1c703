#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

struct log_record;

/*
 * The log of a daemon: the systemd journal where there is one, else syslog,
 * facility mail, as Postfix and Dovecot; or stderr. Thread-safe after
 * log_open(). ident is borrowed for good.
 */
void log_open(const char *ident, bool to_stderr);

/* One line each, without newline; what utf8_make_printable() refuses is '?'. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The record as such a line; the journal has its pairs as fields as well. */
void log_info_record(const struct log_record *record);
void log_warning_record(const struct log_record *record);

#endif
