#ifndef ADMIN_FILES_H
#define ADMIN_FILES_H

#include <stddef.h>
#include <sys/types.h>

struct error;

/*
 * Files that others read while we write: made beside, synced, renamed. Every
 * error says the path and why (EX_CANTCREAT, or EX_NOPERM).
 */

/* With exactly this mode if it is made here; one that is there is left. */
int files_make_folder(const char *path, mode_t mode, struct error *err_r);

/* A file, or an empty folder; none is fine. */
int files_remove(const char *path, struct error *err_r);

/* Everything in a folder that has no folders in it; none is fine. */
int files_empty_folder(const char *path, struct error *err_r);

/* Onto the disk: a file's content, or a folder's names. */
int files_sync(const char *path, struct error *err_r);

/*
 * A program that looks at whole seconds and the size alone must see that path
 * is not what is there as old: dates it a second later, if it is not.
 */
int files_date_after(const char *path, const char *old, struct error *err_r);

/* Replaces to; the name is on the disk when it returns. */
int files_rename(const char *from, const char *to, struct error *err_r);

/*
 * A new file (it must not be there yet), mode 0600, synced. On error none is
 * left that was not there.
 */
int files_write(const char *path, const void *data, size_t len,
		struct error *err_r);

/*
 * Who may read a published file or folder. As root: owner root, and the group
 * with this mode; if there is no such group (its package is not installed),
 * group root and without_group. Otherwise the mode alone.
 */
struct files_access {
	const char *group; /* NULL: root */
	mode_t mode;
	mode_t without_group;
};

int files_give(const char *path, const struct files_access *access,
	       struct error *err_r);

/* A line for what differs from what files_give() makes: 1; 0 if nothing. */
int files_check(const char *path, const struct files_access *access,
		struct error *finding_r);

#endif
