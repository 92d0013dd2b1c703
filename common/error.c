#include "common/error.h"

#include "common/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 3, 0)))
set(struct error *err, int sysexit, const char *format, va_list args)
{
	if (err == NULL)
		return;
	err->sysexit = sysexit;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	utf8_make_printable(err->text);
}

void error_fill(struct error *err, int sysexit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(err, sysexit, format, args);
	va_end(args);
}

int error_prefix(struct error *err, const char *format, ...)
{
	struct error old;
	va_list args;
	size_t used;

	if (err == NULL)
		return -1;
	old = *err;
	va_start(args, format);
	set(err, old.sysexit, format, args);
	va_end(args);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		       old.text);
	/* Cut inside a character, maybe. */
	utf8_make_printable(err->text);
	return -1;
}
