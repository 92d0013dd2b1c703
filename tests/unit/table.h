#ifndef TESTS_UNIT_TABLE_H
#define TESTS_UNIT_TABLE_H

#include "tests/unit/test.h"

#include "common/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables of cases in tests/unit/data, which tests in Python read as well. */

#define TABLE_FIELDS_MAX 8

/* \r \n \t \\ \xHH as in C. */
static void table_unescape(struct buffer *buffer, const char *text)
{
	while (*text != '\0') {
		char hex[3] = "", *end;

		if (*text != '\\') {
			buffer_append_char(buffer, *text++);
			continue;
		}
		switch (text[1]) {
		case 'r':
			buffer_append_char(buffer, '\r');
			break;
		case 'n':
			buffer_append_char(buffer, '\n');
			break;
		case 't':
			buffer_append_char(buffer, '\t');
			break;
		case '\\':
			buffer_append_char(buffer, '\\');
			break;
		case 'x':
			memcpy(hex, text + 2, 2);
			buffer_append_char(buffer,
					   (char)strtoul(hex, &end, 16));
			assert_ptr_equal(end, hex + 2);
			text += 2;
			break;
		default:
			fail_msg("an unknown escape: %s", text);
		}
		text += 2;
	}
}

/*
 * Every line's fields, tabs between, NULL behind the last; the first names the
 * case. Empty lines and those with "#" first are none. Returns how many.
 */
static size_t table_read(const char *path, void (*check)(char *const *fields))
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, count = 0;
	ssize_t len;

	assert_non_null(file);
	while ((len = getline(&line, &size, file)) > 0) {
		char *fields[TABLE_FIELDS_MAX] = { NULL }, *rest = line;
		size_t i;

		line[len - 1] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		for (i = 0; i < TABLE_FIELDS_MAX && rest != NULL; i++)
			fields[i] = strsep(&rest, "\t");
		assert_true(i < TABLE_FIELDS_MAX);
		print_message("%s\n", fields[0]);
		check(fields);
		count++;
	}
	free(line);
	assert_int_equal(fclose(file), 0);
	return count;
}

#endif
