#include "admin/import-file.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PIECE 65536

const char *import_file_name(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static int
read_all(int fd, struct buffer *text, const char *name, struct error *err_r)
{
	char *piece = mem_alloc(PIECE);
	ssize_t got;

	do {
		got = read(fd, piece, PIECE);
		if (got > 0)
			buffer_append_bytes(text, piece, (size_t)got);
	} while ((got > 0 && text->len <= IMPORT_FILE_MAX) ||
		 (got < 0 && errno == EINTR));
	free(piece);
	if (got < 0)
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    name, strerror(errno));
	if (text->len > IMPORT_FILE_MAX)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: longer than %lu octets; import it in "
				    "parts",
				    name, IMPORT_FILE_MAX);
	return 0;
}

int import_file_read(struct buffer *text, const char *file, struct error *err_r)
{
	const char *name = import_file_name(file);
	int fd, result;

	if (name != file)
		return read_all(STDIN_FILENO, text, name, err_r);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: can't be opened: %s", name,
				    strerror(errno));
	result = read_all(fd, text, name, err_r);
	(void)close(fd);
	return result;
}
