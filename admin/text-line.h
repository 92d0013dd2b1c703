#ifndef ADMIN_TEXT_LINE_H
#define ADMIN_TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* A text's lines, one after another, each made a string in place. */
struct text_lines {
	char *rest; /* a NUL behind its left octets */
	size_t left;
	unsigned long number; /* of the line that was taken last; from 1 */
};

/*
 * Without its LF, or CR and LF; NULL at the end. has_nul_r: what follows a NUL
 * in the line is not seen.
 */
char *text_lines_take(struct text_lines *lines, bool *has_nul_r);

#endif
