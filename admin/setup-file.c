#include "admin/setup-file.h"

#include "admin/files.h"
#include "admin/lock.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define FOLDER "/var/lib/countersign/setup"
#define SIZE_MAX_KB 1024

static int fail(const char *path, const char *what, struct error *err_r)
{
	int why = errno;

	return error_set_as(err_r,
			    why == EACCES || why == EPERM ? EX_NOPERM
							  : EX_UNAVAILABLE,
			    "%s: can't be %s: %s", path, what, strerror(why));
}

static int
read_text(struct buffer *text, int fd, const char *path, struct error *err_r)
{
	char part[4096];
	ssize_t len;

	while ((len = read(fd, part, sizeof(part))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return fail(path, "read", err_r);
		buffer_append_bytes(text, part, (size_t)len);
		if (text->len > SIZE_MAX_KB * 1024)
			return error_set(err_r,
					 "%s: is longer than %d KB, which is "
					 "no file to change",
					 path, SIZE_MAX_KB);
	}
	if (strlen(buffer_string(text)) != text->len)
		return error_set(err_r, "%s: a NUL stands in it", path);
	return 0;
}

int setup_file_read(char **text_r, const char *path, struct error *err_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buffer text = BUFFER_INIT;
	int result;

	if (fd < 0)
		return fail(path, "opened", err_r);
	result = read_text(&text, fd, path, err_r);
	(void)close(fd);
	if (result == 0)
		*text_r = buffer_steal(&text);
	buffer_release(&text);
	return result;
}

/* A new file at path that replaces to, if this was a success. */
static int write_beside(const char *path, const char *to, const char *text,
			const struct stat *like, struct error *err_r)
{
	if (files_remove(path, err_r) < 0 ||
	    files_write(path, text, strlen(text), err_r) < 0)
		return -1;
	if (chown(path, like->st_uid, like->st_gid) < 0 ||
	    chmod(path, like->st_mode & 07777) < 0) {
		(void)fail(path, "given its owner", err_r);
		(void)unlink(path);
		return -1;
	}
	return files_rename(path, to, err_r);
}

int setup_file_replace(const char *path, const char *text, struct error *err_r)
{
	char *real = realpath(path, NULL);
	struct stat status;
	char *new;
	int result;

	if (real == NULL || stat(real, &status) < 0) {
		free(real);
		return fail(path, "found", err_r);
	}
	new = mem_printf("%s.countersign", real);
	result = write_beside(new, real, text, &status, err_r);
	mem_free_string(&new);
	free(real);
	return result;
}

int setup_lock(int *fd_r, struct error *err_r)
{
	*fd_r = -1;
	return files_make_folder(FOLDER, 0700, err_r) < 0
		       ? -1
		       : lock_take(fd_r, FOLDER, err_r);
}

static int read_part(char **text_r, const char *name, const char *part,
		     struct error *err_r)
{
	char *path = mem_printf("%s/%s.%s", FOLDER, name, part);
	int result = 0;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		*text_r = mem_strdup("");
	else
		result = setup_file_read(text_r, path, err_r);
	mem_free_string(&path);
	return result;
}

int setup_record_read(char **without_r, char **with_r, const char *name,
		      struct error *err_r)
{
	if (read_part(without_r, name, "without", err_r) < 0)
		return -1;
	if (read_part(with_r, name, "with", err_r) == 0)
		return 0;
	mem_free_string(without_r);
	return -1;
}

static int write_part(const char *name, const char *part, const char *text,
		      struct error *err_r)
{
	char *path = mem_printf("%s/%s.%s", FOLDER, name, part);
	char *new = mem_printf("%s.new", path);
	int result = files_remove(new, err_r);

	if (result == 0)
		result = files_write(new, text, strlen(text), err_r);
	if (result == 0)
		result = files_rename(new, path, err_r);
	mem_free_string(&new);
	mem_free_string(&path);
	return result;
}

int setup_record_write(const char *name, const char *without, const char *with,
		       struct error *err_r)
{
	return write_part(name, "without", without, err_r) < 0
		       ? -1
		       : write_part(name, "with", with, err_r);
}

static int remove_part(const char *name, const char *part, struct error *err_r)
{
	char *path = mem_printf("%s/%s.%s", FOLDER, name, part);
	int result = files_remove(path, err_r);

	mem_free_string(&path);
	return result;
}

int setup_record_remove(const char *name, struct error *err_r)
{
	return remove_part(name, "without", err_r) < 0
		       ? -1
		       : remove_part(name, "with", err_r);
}
