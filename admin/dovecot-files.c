#include "admin/dovecot-files.h"

#include "admin/dovecot-conf.h"
#include "admin/setup-file.h"
#include "common/error.h"
#include "common/mem.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define READS_MAX 1000

static int walk(struct dovecot_files *files, const char *path, int depth,
		struct error *err_r);

static void
add_place(struct dovecot_files *files, const char *path, size_t at, bool first)
{
	size_t to = first ? 0 : files->place_count;

	files->place = mem_resize(files->place, files->place_count + 1,
				  sizeof(*files->place));
	memmove(files->place + to + 1, files->place + to,
		(files->place_count - to) * sizeof(*files->place));
	files->place[to] = (struct dovecot_place){ mem_strdup(path), at };
	files->place_count++;
}

static bool is_known(const struct dovecot_files *files, const char *path)
{
	size_t i;

	for (i = 0; i < files->count; i++) {
		if (strcmp(files->path[i], path) == 0)
			return true;
	}
	return false;
}

/* As Dovecot: relative to the folder of the file it stands in. */
static char *pattern_of(const struct span *path, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (path->at[0] == '/' || slash == NULL)
		return mem_strndup(path->at, path->len);
	return mem_printf("%.*s/%.*s", (int)(slash - file), file,
			  (int)path->len, path->at);
}

static int walk_include(struct dovecot_files *files, const char *pattern,
			int depth, struct error *err_r)
{
	glob_t found = { .gl_pathc = 0 };
	int result = 0;
	size_t i;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc && result == 0; i++)
			result = walk(files, found.gl_pathv[i], depth, err_r);
	}
	globfree(&found);
	return result;
}

static int walk_text(struct dovecot_files *files, const char *path,
		     const char *text, int depth, struct error *err_r)
{
	struct dovecot_statement statement;
	int result = 0, sections = 0;
	size_t at = 0;

	while (result == 0 &&
	       dovecot_conf_next(&statement, text, &at, &sections)) {
		bool before = files->found;
		char *pattern;

		switch (statement.kind) {
		case DOVECOT_PASSDB:
			if (!files->found)
				add_place(files, path, statement.start, false);
			files->found = true;
			break;
		case DOVECOT_INCLUDE:
			pattern = pattern_of(&statement.path, path);
			result = walk_include(files, pattern, depth, err_r);
			if (!before && files->found &&
			    strpbrk(pattern, "*?[") == NULL)
				add_place(files, path, statement.start, true);
			mem_free_string(&pattern);
			break;
		}
	}
	return result;
}

static int walk(struct dovecot_files *files, const char *path, int depth,
		struct error *err_r)
{
	char *text;
	int result;

	if (depth > DEPTH_MAX || files->reads++ == READS_MAX)
		return error_set(err_r, "%s: too many files include others",
				 path);
	if (setup_file_read(&text, path, err_r) < 0)
		return -1;
	if (!is_known(files, path)) {
		files->path = mem_resize(files->path, files->count + 1,
					 sizeof(*files->path));
		files->path[files->count++] = mem_strdup(path);
	}
	result = walk_text(files, path, text, depth + 1, err_r);
	mem_free_string(&text);
	return result;
}

int dovecot_files_find(struct dovecot_files *files_r, const char *path,
		       struct error *err_r)
{
	*files_r = (struct dovecot_files){ .path = NULL };
	if (walk(files_r, path, 0, err_r) == 0)
		return 0;
	dovecot_files_release(files_r);
	return -1;
}

void dovecot_files_release(struct dovecot_files *files)
{
	while (files->count > 0)
		mem_free_string(&files->path[--files->count]);
	free(files->path);
	while (files->place_count > 0)
		mem_free_string(&files->place[--files->place_count].path);
	free(files->place);
	*files = (struct dovecot_files){ .path = NULL };
}

const char *
dovecot_files_named(const struct dovecot_files *files, const char *end)
{
	size_t i;

	for (i = 0; i < files->count; i++) {
		struct span path = { files->path[i], strlen(files->path[i]) };

		if (span_ends_with(&path, end))
			return files->path[i];
	}
	return NULL;
}
