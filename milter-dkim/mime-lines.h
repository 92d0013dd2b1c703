#ifndef MILTER_DKIM_MIME_LINES_H
#define MILTER_DKIM_MIME_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* What lines of a body are like: an LF alone ends one for its length only. */
struct mime_lines {
	size_t octets;
	size_t to_quote;   /* that quoted-printable writes as "=XX" */
	bool is_long;	   /* a line has more than REPAIR_LINE_MAX octets */
	bool is_8bit;	   /* octets from 128 on */
	bool has_controls; /* NUL, or CR or LF alone */
};

struct mime_lines mime_lines_count(const char *text, size_t len);

/*
 * The same question of a body in pieces cut anywhere, cheaply, so it may say
 * yes too often: is there a line that is too long, or one that, in a header,
 * would declare an encoding other than 7bit, quoted-printable and base64?
 */
#define MIME_WATCH_HEAD 80

struct mime_watch {
	bool is_long;
	bool is_labelled;
	size_t column;		    /* octets of the line that is not ended */
	char head[MIME_WATCH_HEAD]; /* the first of them */
};

/* All zero it is at the begin of the body. */
void mime_watch_add(struct mime_watch *watch, const char *data, size_t len);

#endif
