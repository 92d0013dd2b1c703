#include "admin/publish-internal.h"

#include "admin/files.h"
#include "admin/master.h"
#include "common/directory-schema.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define PASSWD "dovecot.passwd"
#define USERDB "dovecot.userdb"
#define SENDER_LOGINS "sender_login_maps"
#define ALIASES "virtual_alias_maps"

static const struct files_access published_access = {
	.group = "countersign",
	.mode = 0751, /* so that Dovecot and Postfix reach what is theirs */
	.without_group = 0751,
};

static const struct files_access snapshot_access = {
	.group = "countersign",
	.mode = 0640,
	.without_group = 0600,
};

static const struct files_access dovecot_access = {
	.group = "dovecot",
	.mode = 0640,
	.without_group = 0600,
};

static const struct files_access postfix_access = {
	.mode = 0755,
	.without_group = 0755,
};

static const struct files_access map_access = {
	.mode = 0644,
	.without_group = 0644,
};

static const struct files_access folder_access = {
	.mode = 0751,
	.without_group = 0751,
};

static const struct files_access private_access = {
	.mode = 0600,
	.without_group = 0600,
};

const struct publish_file publish_files[] = {
	{ ".", &folder_access },
	{ MASTER_FILE, &private_access },
	{ "lock", &private_access },
	{ PUBLISH_FOLDER, &published_access },
	{ PUBLISH_FOLDER "/directory.db", &snapshot_access },
	{ PUBLISH_FOLDER "/" PASSWD, &dovecot_access },
	{ PUBLISH_FOLDER "/" USERDB, &dovecot_access },
	{ PUBLISH_FOLDER "/postfix", &postfix_access },
	{ PUBLISH_FOLDER "/postfix/" SENDER_LOGINS, &map_access },
	{ PUBLISH_FOLDER "/postfix/" ALIASES, &map_access },
	{ .path = NULL },
};

/* Folders under FOLDER. */
struct places {
	char *published;
	char *postfix;
	char *beside; /* where files are made */
};

static struct places places_in(const char *folder)
{
	return (struct places){
		.published = mem_printf("%s/" PUBLISH_FOLDER, folder),
		.postfix = mem_printf("%s/" PUBLISH_FOLDER "/postfix", folder),
		.beside = mem_printf("%s/" PUBLISH_FOLDER "/.new", folder),
	};
}

static void places_release(struct places *places)
{
	mem_free_string(&places->published);
	mem_free_string(&places->postfix);
	mem_free_string(&places->beside);
}

static int make_folders(const struct places *places, struct error *err_r)
{
	if (files_make_folder(places->published, 0700, err_r) < 0 ||
	    files_give(places->published, &published_access, err_r) < 0 ||
	    files_make_folder(places->postfix, 0700, err_r) < 0 ||
	    files_give(places->postfix, &postfix_access, err_r) < 0 ||
	    files_make_folder(places->beside, 0700, err_r) < 0)
		return -1;
	return files_empty_folder(places->beside, err_r);
}

static int remove_beside(const struct places *places, struct error *err_r)
{
	if (files_empty_folder(places->beside, err_r) < 0)
		return -1;
	return files_remove(places->beside, err_r);
}

/* The text or what postmap made of it. */
static bool is_of_map(const char *name, const char *map)
{
	size_t len = strlen(map);

	return strncmp(name, map, len) == 0 &&
	       (name[len] == '\0' || name[len] == '.');
}

/* Syncs, gives and renames one file; map files all the same way. */
static int place(const char *from_folder, const char *to_folder,
		 const char *name, const struct files_access *access,
		 struct error *err_r)
{
	char *from = mem_printf("%s/%s", from_folder, name);
	char *to = mem_printf("%s/%s", to_folder, name);
	int result = -1;

	if (files_give(from, access, err_r) == 0 &&
	    files_sync(from, err_r) == 0)
		result = files_rename(from, to, err_r);
	mem_free_string(&to);
	mem_free_string(&from);
	return result;
}

static int
place_map(const struct places *places, const char *map, struct error *err_r)
{
	DIR *folder = opendir(places->beside);
	const struct dirent *entry;
	int result = 0;

	if (folder == NULL)
		return error_set_as(err_r, EX_CANTCREAT, "%s: %s",
				    places->beside, strerror(errno));
	while (result == 0 && (entry = readdir(folder)) != NULL) {
		if (is_of_map(entry->d_name, map))
			result = place(places->beside, places->postfix,
				       entry->d_name, &map_access, err_r);
	}
	(void)closedir(folder);
	return result;
}

/* Dovecot's auth reads it anew only at another second or size. */
static int place_for_dovecot(const struct places *places, const char *name,
			     struct error *err_r)
{
	char *from = mem_printf("%s/%s", places->beside, name);
	char *to = mem_printf("%s/%s", places->published, name);
	int result = files_date_after(from, to, err_r);

	mem_free_string(&to);
	mem_free_string(&from);
	if (result < 0)
		return -1;
	return place(places->beside, places->published, name, &dovecot_access,
		     err_r);
}

/* Everything is made before the first file is put in its place. */
static int make_files(struct master *master, const struct places *places,
		      struct error *err_r)
{
	char *snapshot = mem_printf("%s/directory.db", places->beside);
	char *passwd = mem_printf("%s/" PASSWD, places->beside);
	char *userdb = mem_printf("%s/" USERDB, places->beside);
	char *logins = mem_printf("%s/" SENDER_LOGINS, places->beside);
	char *aliases = mem_printf("%s/" ALIASES, places->beside);
	int result = -1;

	if (publish_snapshot(master, snapshot, err_r) == 0 &&
	    publish_passwd(master, passwd, err_r) == 0 &&
	    publish_userdb(master, userdb, err_r) == 0 &&
	    publish_sender_logins(master, logins, time(NULL), err_r) == 0)
		result = publish_aliases(master, aliases, err_r);
	mem_free_string(&aliases);
	mem_free_string(&logins);
	mem_free_string(&userdb);
	mem_free_string(&passwd);
	mem_free_string(&snapshot);
	return result;
}

/*
 * That Postfix can't compile its maps is no reason to let, say, a disabled
 * account in for longer: the rest is published, and then that is reported.
 */
static int
compile_map(const struct places *places, const char *map, struct error *err_r)
{
	char *path = mem_printf("%s/%s", places->beside, map);
	int result = publish_compile(path, err_r);

	mem_free_string(&path);
	return result;
}

static int place_files(const struct places *places, struct error *err_r)
{
	if (place_for_dovecot(places, PASSWD, err_r) < 0 ||
	    place_for_dovecot(places, USERDB, err_r) < 0 ||
	    place_map(places, SENDER_LOGINS, err_r) < 0 ||
	    place_map(places, ALIASES, err_r) < 0)
		return -1;
	return place(places->beside, places->published, "directory.db",
		     &snapshot_access, err_r);
}

int publish(struct master *master, struct error *err_r)
{
	struct places places = places_in(master_folder(master));
	struct error not_compiled;
	bool compiled;
	int result = -1;

	if (master_demand_publication(master, err_r) < 0 ||
	    make_folders(&places, err_r) < 0 ||
	    make_files(master, &places, err_r) < 0)
		goto out;
	compiled = compile_map(&places, SENDER_LOGINS, &not_compiled) == 0 &&
		   compile_map(&places, ALIASES, &not_compiled) == 0;
	if (place_files(&places, err_r) < 0 ||
	    remove_beside(&places, err_r) < 0)
		goto out;
	if (compiled)
		result = 0;
	else
		result = error_set_as(err_r, not_compiled.sysexit,
				      "Postfix's maps are not compiled: %s",
				      not_compiled.text);
out:
	places_release(&places);
	return result;
}

/* 0 if its form is not the one that is published here. */
static int
read_generation(struct sqlite *db, long long *generation_r, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	if (sqlite_prepare(&statement, db,
			   "SELECT generation FROM state"
			   " JOIN pragma_user_version ON user_version = ?1",
			   err_r) < 0)
		return -1;
	sqlite_bind_integer(statement, 1, DIRECTORY_PUBLISHED_VERSION);
	found = sqlite_step(statement, err_r);
	if (found > 0)
		*generation_r = sqlite_column_integer(statement, 0);
	sqlite_finalize(&statement);
	return found < 0 ? -1 : 0;
}

long long publish_generation(const char *folder, struct error *err_r)
{
	char *path = mem_printf("%s/" DIRECTORY_PUBLISHED_FILE, folder);
	struct sqlite *db = NULL;
	long long generation = 0;

	if (access(path, F_OK) < 0)
		error_set_as(err_r, EX_UNAVAILABLE, "%s: %s", path,
			     strerror(errno));
	else if (sqlite_open(&db, path, SQLITE_MODE_IMMUTABLE, err_r) == 0 &&
		 read_generation(db, &generation, err_r) == 0 &&
		 generation == 0)
		error_set_as(err_r, EX_UNAVAILABLE,
			     "%s: of another version; run \"countersign "
			     "directory publish\"",
			     path);
	sqlite_close(&db);
	mem_free_string(&path);
	return generation;
}

/* One may be missing that the version before did not have. */
static bool is_complete(const char *folder)
{
	bool complete = true;
	size_t i;

	for (i = 0; complete && publish_files[i].path != NULL; i++) {
		char *path = mem_printf("%s/%s", folder, publish_files[i].path);

		complete = access(path, F_OK) == 0 || errno != ENOENT;
		mem_free_string(&path);
	}
	return complete;
}

int publish_repair(struct master *master, struct error *err_r)
{
	struct places places = places_in(master_folder(master));
	struct master_state state;
	int result;

	result = remove_beside(&places, err_r);
	places_release(&places);
	if (result < 0 || master_state(master, &state, err_r) < 0)
		return -1;
	/* A master put back from a backup is due too. */
	if (publish_generation(master_folder(master), NULL) ==
		    state.publish_from &&
	    is_complete(master_folder(master)))
		return 0;
	return publish(master, err_r);
}
