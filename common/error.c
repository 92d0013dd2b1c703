#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			*text = '?';
	}
}

static void __attribute__((format(printf, 3, 0)))
set(struct error *err, int sysexit, const char *format, va_list args)
{
	if (err == NULL)
		return;
	err->sysexit = sysexit;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	make_printable(err->text);
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
	return -1;
}
