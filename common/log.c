#include "common/log.h"

#include "common/buffer.h"
#include "common/journal.h"
#include "common/log-record.h"
#include "common/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#define LINE_SIZE 2048

static const char *log_ident = "countersign";
static bool log_to_stderr = true;
static bool log_to_journal;

void log_open(const char *ident, bool to_stderr)
{
	log_ident = ident;
	log_to_stderr = to_stderr;
	log_to_journal = !to_stderr && journal_is_there();
	if (!to_stderr)
		openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static const char *level_of(int priority)
{
	return priority == LOG_ERR	 ? "error: "
	       : priority == LOG_WARNING ? "warning: "
					 : "";
}

static void
write_line(int priority, const char *text, const struct log_record *record)
{
	char line[LINE_SIZE];

	(void)snprintf(line, sizeof(line), "%s%s", level_of(priority), text);
	utf8_make_printable(line);
	if (log_to_stderr)
		(void)fprintf(stderr, "%s: %s\n", log_ident, line);
	else if (!log_to_journal ||
		 !journal_write(log_ident, priority, line, record))
		syslog(priority, "%s", line);
}

static void __attribute__((format(printf, 2, 0)))
write_text(int priority, const char *format, va_list args)
{
	char text[LINE_SIZE];

	(void)vsnprintf(text, sizeof(text), format, args);
	write_line(priority, text, NULL);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(LOG_INFO, format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(LOG_WARNING, format, args);
	va_end(args);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(LOG_ERR, format, args);
	va_end(args);
}

static void write_record(int priority, const struct log_record *record)
{
	struct buffer line = BUFFER_INIT;

	log_record_format(record, &line);
	write_line(priority, buffer_string(&line), record);
	buffer_release(&line);
}

void log_info_record(const struct log_record *record)
{
	write_record(LOG_INFO, record);
}

void log_warning_record(const struct log_record *record)
{
	write_record(LOG_WARNING, record);
}
