#include "common/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *memory)
{
	if (memory == NULL) {
		(void)fputs("out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *mem_alloc(size_t size)
{
	return check(calloc(1, size > 0 ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
	return check(calloc(count > 0 ? count : 1, size));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	return check(reallocarray(old, count > 0 ? count : 1, size));
}

char *mem_strdup(const char *text)
{
	return check(strdup(text));
}

char *mem_strndup(const char *text, size_t len)
{
	return check(strndup(text, len));
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return check(len < 0 ? NULL : text);
}

void mem_free_string(char **text)
{
	free(*text);
	*text = NULL;
}

void mem_wipe_string(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	mem_free_string(text);
}
