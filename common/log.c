#include "common/log.h"

#include "common/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static const char *log_ident = "countersign";
static bool log_to_stderr = true;

void log_open(const char *ident, bool to_stderr)
{
	log_ident = ident;
	log_to_stderr = to_stderr;
	if (!to_stderr)
		openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void __attribute__((format(printf, 3, 0)))
write_line(int priority, const char *level, const char *format, va_list args)
{
	char line[2048];

	(void)vsnprintf(line, sizeof(line), format, args);
	utf8_make_printable(line);
	if (log_to_stderr)
		(void)fprintf(stderr, "%s: %s%s\n", log_ident, level, line);
	else
		syslog(priority, "%s%s", level, line);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_INFO, "", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_WARNING, "warning: ", format, args);
	va_end(args);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_ERR, "error: ", format, args);
	va_end(args);
}
