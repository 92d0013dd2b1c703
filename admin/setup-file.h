#ifndef ADMIN_SETUP_FILE_H
#define ADMIN_SETUP_FILE_H

struct error;

/* Configuration files of other programs, and what setup did to them. */

/* The caller's. It has no NUL. */
int setup_file_read(char **text_r, const char *path, struct error *err_r);

/* Whole or not at all; owner, group and mode stay, and so does a symlink. */
int setup_file_replace(const char *path, const char *text, struct error *err_r);

/* One setup at a time; root alone may look in. */
int setup_lock(int *fd_r, struct error *err_r);

/*
 * The record of a file: its text without us and with us, when it was last
 * changed. Both are "" if there is none; the caller's.
 */
int setup_record_read(char **without_r, char **with_r, const char *name,
		      struct error *err_r);
int setup_record_write(const char *name, const char *without, const char *with,
		       struct error *err_r);
int setup_record_remove(const char *name, struct error *err_r);

#endif
