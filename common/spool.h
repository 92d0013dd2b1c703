#ifndef COMMON_SPOOL_H
#define COMMON_SPOOL_H

#include <stddef.h>

struct error;

/*
 * A file of lines that several processes append to, none of which waits for
 * another or for the reader, and that one reader takes in. What was taken in
 * is given back to the disk from the front, so that a reader that is killed
 * anywhere finds again what it had not committed, and nothing twice. A line
 * that was written in part is no line.
 */

#define SPOOL_OCTETS_MAX ((size_t)64 << 20)
#define SPOOL_LINE_MAX 8192

/* To append to. Made if it is not there, for its owner alone. */
int spool_open(int *fd_r, const char *path, struct error *err_r);

/*
 * One line, without newline. Fails at once where the disk is full, and where
 * octets_max, at most SPOOL_OCTETS_MAX, wait already.
 */
int spool_append(int fd, const char *line, size_t octets_max,
		 struct error *err_r);

/* The same for several, as one write: if it fails, some may be there. */
int spool_append_lines(int fd, const char *const *lines, size_t count,
		       size_t octets_max, struct error *err_r);

/* How far it was taken in; { 0 } at first. The reader keeps it. */
struct spool_place {
	long long inode;
	long long offset;
};

/* What was appended as line, of a line of the file; NULL if it is damaged. */
const char *spool_text(const char *line);

/*
 * Take what was appended since, and move place on. 1, or 0 if there is no such
 * file, or -1: place is undefined then.
 */
int spool_read(const char *path, struct spool_place *place,
	       void (*take)(void *context, const char *text), void *context,
	       struct error *err_r);

/*
 * When place is kept: give back what is before it. One reader at a time. place
 * may move; if it is not kept then, nothing is lost. A failure leaves the file
 * as it was.
 */
int spool_clear(const char *path, struct spool_place *place,
		struct error *err_r);

#endif
