#include "admin/dovecot-edits.h"

#include "admin/files.h"
#include "admin/setup-file.h"
#include "admin/spawn.h"
#include "admin/text-diff.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char doveconf[] = "/usr/bin/doveconf";

/* Pairs of arguments: a file, and what it stands for meanwhile. */
static const char bind_and_ask[] =
	"while [ $# -gt 0 ]; do mount --bind \"$1\" \"$2\" || exit; shift 2; "
	"done; exec /usr/bin/doveconf -n";

static struct dovecot_edit *
find(const struct dovecot_edits *edits, const char *path)
{
	size_t i;

	for (i = 0; i < edits->count; i++) {
		if (strcmp(edits->edit[i].path, path) == 0)
			return &edits->edit[i];
	}
	return NULL;
}

int dovecot_edits_text(const char **text_r, struct dovecot_edits *edits,
		       const char *path, struct error *err_r)
{
	struct dovecot_edit *edit = find(edits, path);
	char *text;

	if (edit == NULL) {
		if (setup_file_read(&text, path, err_r) < 0)
			return -1;
		edits->edit = mem_resize(edits->edit, edits->count + 1,
					 sizeof(*edits->edit));
		edit = &edits->edit[edits->count++];
		*edit = (struct dovecot_edit){ .path = mem_strdup(path),
					       .before = text,
					       .after = mem_strdup(text) };
	}
	*text_r = edit->after;
	return 0;
}

void dovecot_edits_put(struct dovecot_edits *edits, const char *path,
		       char *text)
{
	struct dovecot_edit *edit = find(edits, path);

	assert(edit != NULL);
	mem_free_string(&edit->after);
	edit->after = text;
}

static bool is_changed(const struct dovecot_edit *edit)
{
	return strcmp(edit->before, edit->after) != 0;
}

static int ask(char **conf_r, const char *const *argv, struct error *err_r)
{
	if (spawn_run(argv, conf_r, err_r) == 0)
		return 0;
	return error_prefix(err_r, "Dovecot would not take it, or it can't be "
				   "tried out");
}

/* One file for each edit in folder; argv then has their names and places. */
static int ask_in(char **conf_r, const char *folder,
		  const struct dovecot_edits *edits, struct error *err_r)
{
	const char **argv = mem_array(2 * edits->count + 8, sizeof(*argv));
	char **files = mem_array(edits->count + 1, sizeof(*files));
	int result = 0;
	size_t n = 0, i;

	argv[n++] = "/usr/bin/unshare";
	argv[n++] = "--mount";
	argv[n++] = "/bin/sh";
	argv[n++] = "-c";
	argv[n++] = bind_and_ask;
	argv[n++] = "sh";
	for (i = 0; i < edits->count && result == 0; i++) {
		const struct dovecot_edit *edit = &edits->edit[i];

		files[i] = mem_printf("%s/%zu", folder, i);
		result = files_write(files[i], edit->after, strlen(edit->after),
				     err_r);
		argv[n++] = files[i];
		argv[n++] = edit->path;
	}
	if (result == 0)
		result = ask(conf_r, argv, err_r);
	for (i = 0; i < edits->count; i++)
		mem_free_string(&files[i]);
	free(files);
	free(argv);
	return result;
}

int dovecot_edits_try(char **conf_r, const struct dovecot_edits *edits,
		      struct error *err_r)
{
	static const char *const now[] = { doveconf, "-n", NULL };
	char folder[] = "/run/countersign-setup-XXXXXX";
	struct error ignored;
	int result;

	if (edits->count == 0)
		return ask(conf_r, now, err_r);
	if (mkdtemp(folder) == NULL)
		return error_set_as(
			err_r, errno == EACCES ? EX_NOPERM : EX_CANTCREAT,
			"%s: can't be made: %s", folder, strerror(errno));
	result = ask_in(conf_r, folder, edits, err_r);
	(void)files_empty_folder(folder, &ignored);
	(void)files_remove(folder, &ignored);
	return result;
}

int dovecot_edits_put_back(const struct dovecot_edits *edits,
			   struct error *err_r)
{
	size_t i;

	for (i = 0; i < edits->count; i++) {
		if (is_changed(&edits->edit[i]) &&
		    setup_file_replace(edits->edit[i].path,
				       edits->edit[i].before, err_r) < 0)
			return -1;
	}
	return 0;
}

int dovecot_edits_make(const struct dovecot_edits *edits, struct error *err_r)
{
	struct error left;
	size_t i;

	for (i = 0; i < edits->count; i++) {
		if (is_changed(&edits->edit[i]) &&
		    setup_file_replace(edits->edit[i].path,
				       edits->edit[i].after, err_r) < 0) {
			if (dovecot_edits_put_back(edits, &left) < 0)
				(void)error_prefix(err_r, "%s", left.text);
			return -1;
		}
	}
	return 0;
}

void dovecot_edits_diff(struct buffer *diff, const struct dovecot_edits *edits)
{
	size_t i;

	for (i = 0; i < edits->count; i++) {
		const struct dovecot_edit *edit = &edits->edit[i];
		char *text = text_diff(edit->path, edit->before, edit->after);

		buffer_append_string(diff, text);
		mem_free_string(&text);
	}
}

void dovecot_edits_release(struct dovecot_edits *edits)
{
	while (edits->count > 0) {
		struct dovecot_edit *edit = &edits->edit[--edits->count];

		mem_free_string(&edit->path);
		mem_free_string(&edit->before);
		mem_free_string(&edit->after);
	}
	free(edits->edit);
	edits->edit = NULL;
}
