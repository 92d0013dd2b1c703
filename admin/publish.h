#ifndef ADMIN_PUBLISH_H
#define ADMIN_PUBLISH_H

struct error;
struct files_access;
struct master;

/*
 * FOLDER/published: what others read. Every file is made whole in
 * published/.new, synced, and renamed into its place, directory.db last: it
 * carries the master's generation and so says that all of it is there.
 */
#define PUBLISH_FOLDER "published"

/* Publish the master as it is now. */
int publish(struct master *master, struct error *err_r);

/*
 * What a command that was killed left: temporary files, and a publication
 * that was due.
 */
int publish_repair(struct master *master, struct error *err_r);

/*
 * The generation that is published; 0 with err_r filled if there is none, none
 * that can be read, or it is of another version.
 */
long long publish_generation(const char *folder, struct error *err_r);

/* What belongs in FOLDER, for "directory check"; ends with a NULL path. */
struct publish_file {
	const char *path; /* under FOLDER; "." is itself */
	const struct files_access *access;
};

extern const struct publish_file publish_files[];

#endif
