#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

/*
 * The log of a daemon: syslog, facility mail, as Postfix and Dovecot; or
 * stderr. Thread-safe after log_open(). ident is borrowed for good.
 */
void log_open(const char *ident, bool to_stderr);

/* One line each, without newline; what utf8_make_printable() refuses is '?'. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
