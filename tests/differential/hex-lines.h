#ifndef TESTS_DIFFERENTIAL_HEX_LINES_H
#define TESTS_DIFFERENTIAL_HEX_LINES_H

#include "common/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static inline int hex_lines_read(struct buffer *value, const char *line)
{
	buffer_clear(value);
	for (; line[0] != '\n' && line[0] != '\0'; line += 2) {
		const char digits[3] = { line[0], line[1], '\0' };
		char *end;

		buffer_append_char(value, (char)strtoul(digits, &end, 16));
		if (end != digits + 2)
			return -1;
	}
	return 0;
}

/* Hands on the values that stdin has, each in hex on a line. */
static inline int hex_lines(void (*print)(const struct buffer *value))
{
	struct buffer value = BUFFER_INIT;
	char *line = NULL;
	size_t size = 0;
	int status = EX_OK;

	while (status == EX_OK && getline(&line, &size, stdin) > 0) {
		if (hex_lines_read(&value, line) < 0) {
			(void)fputs("a line is not hex\n", stderr);
			status = EX_DATAERR;
		} else {
			print(&value);
		}
	}
	free(line);
	buffer_release(&value);
	return status;
}

#endif
