#include "admin/check.h"

#include "admin/files.h"
#include "admin/master-internal.h"
#include "admin/publish.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <string.h>

struct check {
	const char *folder;
	void (*each)(void *context, const char *finding);
	void *context;
};

static void found(const struct check *check, const char *finding)
{
	check->each(check->context, finding);
}

static void check_files(const struct check *check)
{
	struct error finding;
	size_t i;

	for (i = 0; publish_files[i].path != NULL; i++) {
		char *path = mem_printf("%s/%s", check->folder,
					publish_files[i].path);

		if (files_check(path, publish_files[i].access, &finding) > 0)
			found(check, finding.text);
		mem_free_string(&path);
	}
}

/* Each row is a finding, but "ok". */
static int check_rows(const struct check *check, struct master *master,
		      const char *sql, struct error *err_r)
{
	struct sqlite_stmt *rows = master_query(master, err_r, sql, "");
	int result;

	if (rows == NULL)
		return -1;
	while ((result = sqlite_step(rows, err_r)) > 0) {
		const char *text = sqlite_column_string(rows, 0);
		struct error finding;

		if (text != NULL && strcmp(text, "ok") == 0)
			continue;
		error_set(&finding,
			  "%s/" MASTER_FILE ": %s; restore it from a backup",
			  check->folder, text != NULL ? text : "is damaged");
		found(check, finding.text);
	}
	sqlite_finalize(&rows);
	return result;
}

static int check_generation(const struct check *check, struct master *master,
			    struct error *err_r)
{
	struct master_state state;
	struct error finding;
	long long published;

	if (master_state(master, &state, err_r) < 0)
		return -1;
	published = publish_generation(check->folder, &finding);
	if (published == 0) {
		error_prefix(&finding, "what is published can't be read");
		found(check, finding.text);
	} else if (published != state.generation) {
		error_set(&finding,
			  "generation %lld is published, and the directory is "
			  "at %lld; run \"countersign directory publish\"",
			  published, state.generation);
		found(check, finding.text);
	}
	return 0;
}

int check_directory(const char *folder,
		    void (*each)(void *context, const char *finding),
		    void *context, struct error *err_r)
{
	const struct check check = { folder, each, context };
	struct master *master;
	int result = -1;

	if (master_open(&master, folder, err_r) < 0)
		return -1;
	check_files(&check);
	if (check_rows(&check, master, "PRAGMA integrity_check", err_r) == 0 &&
	    check_rows(&check, master,
		       "SELECT 'a row of ' || \"table\" || ' refers to nothing"
		       " in ' || parent FROM pragma_foreign_key_check",
		       err_r) == 0)
		result = check_generation(&check, master, err_r);
	master_close(&master);
	return result;
}
