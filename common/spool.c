#include "common/spool.h"

#include "common/buffer.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A record is "\nLEN TEXT\n". The newline before it ends what a full disk cut
 * off, LEN tells such a piece from a record.
 *
 * Positions grow for ever, over a hole where records were. Once that is long
 * and all is taken in, the file begins anew: as it can't grow that long
 * without a reader, a place beyond its end is one from before.
 */
#define BEGIN_ANEW_AT (4 * (off_t)SPOOL_OCTETS_MAX)

/* Of one reading, whatever the file is like. */
#define READ_OCTETS_MAX (4 * (off_t)SPOOL_OCTETS_MAX)

static int fail(const char *path, struct error *err_r)
{
	return error_set_as(err_r, EX_IOERR, "%s: %s", path, strerror(errno));
}

/* It may be opened before a process drops root's rights: no other writes. */
static int open_file(int *fd_r, const char *path, int flags,
		     struct stat *status_r, struct error *err_r)
{
	*fd_r = open(path,
		     flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK,
		     0600);
	if (*fd_r < 0)
		return fail(path, err_r);
	if (fstat(*fd_r, status_r) < 0)
		fail(path, err_r);
	else if (!S_ISREG(status_r->st_mode) || status_r->st_nlink != 1 ||
		 status_r->st_uid != geteuid() ||
		 (status_r->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		error_set_as(err_r, EX_NOPERM,
			     "%s: is not a file of user %ld's alone; remove it",
			     path, (long)geteuid());
	else
		return 0;
	(void)close(*fd_r);
	*fd_r = -1;
	return -1;
}

int spool_open(int *fd_r, const char *path, struct error *err_r)
{
	struct stat status;

	return open_file(fd_r, path, O_WRONLY | O_APPEND | O_CREAT, &status,
			 err_r);
}

static int write_records(int fd, const struct buffer *records,
			 size_t octets_max, struct error *err_r)
{
	struct stat status;
	ssize_t written;

	if (fstat(fd, &status) < 0)
		return fail("the spool", err_r);
	if (status.st_nlink == 0)
		return error_set_as(err_r, EX_IOERR, "the spool was removed");
	/* Octets in use, which those in a hole are not. */
	if ((size_t)status.st_blocks * 512 + records->len > octets_max)
		return error_set_as(err_r, EX_TEMPFAIL, "the spool is full");
	written = write(fd, records->data, records->len);
	if (written < 0)
		return fail("the spool", err_r);
	if ((size_t)written < records->len)
		return error_set_as(err_r, EX_IOERR, "the disk is full");
	return 0;
}

static int
add_record(struct buffer *records, const char *line, struct error *err_r)
{
	size_t len = strlen(line);

	if (len > SPOOL_LINE_MAX || strchr(line, '\n') != NULL)
		return error_set(err_r, "the spool takes no such line");
	buffer_printf(records, "\n%zu %s\n", len, line);
	return 0;
}

static int append_records(int fd, const struct buffer *records,
			  size_t octets_max, struct error *err_r)
{
	int result;

	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return error_set_as(err_r, EX_TEMPFAIL,
				    "the spool is just being emptied");
	result = write_records(fd, records, octets_max, err_r);
	(void)flock(fd, LOCK_UN);
	return result;
}

int spool_append_lines(int fd, const char *const *lines, size_t count,
		       size_t octets_max, struct error *err_r)
{
	struct buffer records = BUFFER_INIT;
	int result = 0;
	size_t i;

	for (i = 0; i < count && result == 0; i++)
		result = add_record(&records, lines[i], err_r);
	if (result == 0)
		result = append_records(fd, &records, octets_max, err_r);
	buffer_release(&records);
	return result;
}

int spool_append(int fd, const char *line, size_t octets_max,
		 struct error *err_r)
{
	return spool_append_lines(fd, &line, 1, octets_max, err_r);
}

const char *spool_text(const char *line)
{
	unsigned long len;
	char *end;

	if (line[0] < '0' || line[0] > '9')
		return NULL;
	errno = 0;
	len = strtoul(line, &end, 10);
	if (errno != 0 || *end != ' ' || len > SPOOL_LINE_MAX ||
	    strlen(end + 1) != len)
		return NULL;
	return end + 1;
}

/* What is longer than a record is none: it is passed over. */
static off_t read_lines(FILE *file, off_t start,
			void (*take)(void *context, const char *text),
			void *context)
{
	char line[SPOOL_LINE_MAX + 32];
	off_t at = start, done = start;
	size_t len = 0;
	int c;

	while (at - start < READ_OCTETS_MAX &&
	       (c = getc_unlocked(file)) != EOF) {
		const char *text;

		at++;
		if (c != '\n') {
			if (len < sizeof(line))
				line[len++] = (char)c;
			continue;
		}
		line[len < sizeof(line) ? len : 0] = '\0';
		text = spool_text(line);
		if (text != NULL)
			take(context, text);
		len = 0;
		done = at;
	}
	/* That long a line is not one that is still being written. */
	return len == sizeof(line) ? at : done;
}

int spool_read(const char *path, struct spool_place *place,
	       void (*take)(void *context, const char *text), void *context,
	       struct error *err_r)
{
	struct stat status;
	FILE *file;
	off_t start;
	int fd, result = 1;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (open_file(&fd, path, O_RDONLY, &status, err_r) < 0)
		return -1;
	if ((long long)status.st_ino != place->inode ||
	    status.st_size < place->offset)
		*place = (struct spool_place){
			.inode = (long long)status.st_ino
		};
	/* Over the hole, if it is not known where that ends. */
	start = lseek(fd, place->offset, SEEK_DATA);
	if (start < 0) {
		result = errno == ENXIO ? 1 : fail(path, err_r);
		(void)close(fd);
		return result;
	}
	file = fdopen(fd, "r");
	if (file == NULL)
		abort(); /* out of memory */
	if (fseeko(file, start, SEEK_SET) == 0)
		place->offset = read_lines(file, start, take, context);
	if (ferror(file))
		result = fail(path, err_r);
	(void)fclose(file);
	return result;
}

/* No writer is at work while it is locked; they do not wait. */
static bool begin_anew(int fd, const struct spool_place *place)
{
	struct stat status;

	return place->offset >= BEGIN_ANEW_AT &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 &&
	       status.st_size == place->offset && ftruncate(fd, 0) == 0;
}

int spool_clear(const char *path, struct spool_place *place,
		struct error *err_r)
{
	struct stat status;
	int fd, result = 0;

	if (place->offset == 0 || (access(path, F_OK) < 0 && errno == ENOENT))
		return 0;
	if (open_file(&fd, path, O_WRONLY, &status, err_r) < 0)
		return -1;
	if ((long long)status.st_ino != place->inode ||
	    status.st_size < place->offset)
		result = error_set_as(err_r, EX_TEMPFAIL,
				      "%s: was replaced; try again", path);
	else if (begin_anew(fd, place))
		place->offset = 0;
	else if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			   place->offset) < 0)
		result = fail(path, err_r);
	(void)close(fd);
	return result;
}
