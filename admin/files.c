#include "admin/files.h"

#include "common/error.h"
#include "common/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static int fail(const char *path, const char *what, struct error *err_r)
{
	int why = errno;

	return error_set_as(
		err_r, why == EACCES || why == EPERM ? EX_NOPERM : EX_CANTCREAT,
		"%s: can't be %s: %s", path, what, strerror(why));
}

int files_make_folder(const char *path, mode_t mode, struct error *err_r)
{
	struct stat status;
	/* With its mode at once: a chmod() after it might never be reached. */
	mode_t mask = umask(0);
	int result = mkdir(path, mode), why = errno;

	(void)umask(mask);
	if (result == 0)
		return 0;
	errno = why;
	if (errno == EEXIST && stat(path, &status) == 0 &&
	    S_ISDIR(status.st_mode))
		return 0;
	return fail(path, "made", err_r);
}

int files_remove(const char *path, struct error *err_r)
{
	if (remove(path) < 0 && errno != ENOENT)
		return fail(path, "removed", err_r);
	return 0;
}

int files_empty_folder(const char *path, struct error *err_r)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	int result = 0;

	if (folder == NULL)
		return errno == ENOENT ? 0 : fail(path, "read", err_r);
	while (result == 0 && (entry = readdir(folder)) != NULL) {
		char *name;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		name = mem_printf("%s/%s", path, entry->d_name);
		result = files_remove(name, err_r);
		mem_free_string(&name);
	}
	(void)closedir(folder);
	return result;
}

int files_sync(const char *path, struct error *err_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (fd < 0 || fsync(fd) < 0)
		result = fail(path, "synced", err_r);
	if (fd >= 0)
		(void)close(fd);
	return result;
}

static int sync_parent(const char *path, struct error *err_r)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL ? mem_strdup(".")
		       : slash == path
			       ? mem_strdup("/")
			       : mem_strndup(path, (size_t)(slash - path));
	int result = files_sync(parent, err_r);

	mem_free_string(&parent);
	return result;
}

int files_date_after(const char *path, const char *old, struct error *err_r)
{
	struct stat now, before;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	if (stat(path, &now) < 0)
		return fail(path, "looked at", err_r);
	if (stat(old, &before) < 0)
		return errno == ENOENT ? 0 : fail(old, "looked at", err_r);
	if (now.st_mtim.tv_sec > before.st_mtim.tv_sec)
		return 0;
	times[1].tv_sec = before.st_mtim.tv_sec + 1;
	if (utimensat(AT_FDCWD, path, times, 0) < 0)
		return fail(path, "dated", err_r);
	return 0;
}

int files_rename(const char *from, const char *to, struct error *err_r)
{
	if (rename(from, to) < 0)
		return fail(to, "replaced", err_r);
	return sync_parent(to, err_r);
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, data, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		data += written;
		len -= (size_t)written;
	}
	return true;
}

int files_write(const char *path, const void *data, size_t len,
		struct error *err_r)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result = 0;

	if (fd < 0 && errno == EEXIST)
		return error_set_as(err_r, EX_CANTCREAT,
				    "%s: is there already and is not "
				    "overwritten; move it away or give "
				    "another name",
				    path);
	if (fd < 0)
		return fail(path, "written", err_r);
	if (!write_all(fd, data, len) || fsync(fd) < 0)
		result = fail(path, "written", err_r);
	if (close(fd) < 0 && result == 0)
		result = fail(path, "written", err_r);
	if (result < 0)
		(void)unlink(path);
	return result;
}

static bool find_group(const char *name, gid_t *gid_r)
{
	const struct group *group = name != NULL ? getgrnam(name) : NULL;

	*gid_r = group != NULL ? group->gr_gid : 0;
	return name == NULL || group != NULL;
}

int files_give(const char *path, const struct files_access *access,
	       struct error *err_r)
{
	mode_t mode = access->mode;
	gid_t gid;

	if (geteuid() == 0) {
		if (!find_group(access->group, &gid))
			mode = access->without_group;
		if (chown(path, 0, gid) < 0)
			return fail(path, "given to its group", err_r);
	}
	if (chmod(path, mode) < 0)
		return fail(path, "given its mode", err_r);
	return 0;
}

int files_check(const char *path, const struct files_access *access,
		struct error *finding_r)
{
	mode_t mode = access->mode;
	struct stat status;
	gid_t gid = 0;
	bool has_group = find_group(access->group, &gid);

	if (lstat(path, &status) < 0) {
		(void)fail(path, "looked at", finding_r);
		return 1;
	}
	if (geteuid() == 0 && !has_group)
		mode = access->without_group;
	if ((status.st_mode & 07777) != mode) {
		error_set(finding_r, "%s: its mode is %04o and should be %04o",
			  path, (unsigned int)(status.st_mode & 07777),
			  (unsigned int)mode);
		return 1;
	}
	if (geteuid() == 0 && (status.st_uid != 0 || status.st_gid != gid)) {
		error_set(finding_r,
			  "%s: its owner is %u:%u and should be 0:%u", path,
			  (unsigned int)status.st_uid,
			  (unsigned int)status.st_gid, (unsigned int)gid);
		return 1;
	}
	return 0;
}
