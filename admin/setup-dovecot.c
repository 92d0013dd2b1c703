#include "admin/setup.h"

#include "admin/call.h"
#include "admin/dovecot-conf.h"
#include "admin/dovecot-edits.h"
#include "admin/dovecot-files.h"
#include "admin/dovecot-parts.h"
#include "admin/setup-file.h"
#include "admin/spawn.h"
#include "admin/submission-relay.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DOVECOT "/usr/sbin/dovecot"
#define DOVEADM "/usr/bin/doveadm"
#define MAIN "/etc/dovecot/dovecot.conf"
#define PUBLISHED "/var/lib/countersign/published/directory.db"

/* Of a Dovecot of 2.3 and of 2.4; both leave with their package. */
static const struct part {
	const char *option;
	const char *folder;
	const char *file;
	bool by_name; /* applied only if it is asked for */
} keys = { "keys", "dovecot-auth-tlspubkey", "tlspubkey", false },
  worker = { "keys", "dovecot-auth-tlspubkey", "worker", false },
  lists = { "lists", "dovecot-sieve-ext", "list", false },
  submission = { "submission", "dovecot-auth-tlspubkey", "submission", true };

static const struct part *const all_parts[] = { &keys, &worker, &lists,
						&submission };
static const char *const releases[] = { "2.3", "2.4" };

struct dovecot {
	const char *release;
	struct dovecot_files files;
	struct dovecot_edits edits;
	char *before; /* doveconf -n, as it is */
	char *after;  /* with the edits so far */
};

static char *file_of(const struct part *part, const char *release)
{
	return mem_printf("/usr/share/%s/%s-%s.conf", part->folder, part->file,
			  release);
}

static int find_release(struct dovecot *dovecot, struct error *err_r)
{
	static const char *const argv[] = { DOVECOT, "--version", NULL };
	char *version;
	size_t i;

	if (spawn_run(argv, &version, err_r) < 0)
		return -1;
	for (i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		if (strncmp(version, releases[i], 3) == 0)
			dovecot->release = releases[i];
	}
	mem_free_string(&version);
	if (dovecot->release != NULL)
		return 0;
	return error_set_as(err_r, EX_CONFIG, "%s: neither a 2.3 nor a 2.4",
			    DOVECOT);
}

static bool is_installed(const struct part *part, const char *release)
{
	char *file = file_of(part, release);
	bool installed = access(file, R_OK) == 0;

	mem_free_string(&file);
	return installed;
}

static bool is_meant(const struct setup *setup, const struct part *part)
{
	bool any = call_option(setup->call, keys.option) != NULL ||
		   call_option(setup->call, lists.option) != NULL ||
		   call_option(setup->call, submission.option) != NULL;
	bool all = !any && (!part->by_name || setup->action == SETUP_REVERT);

	return all || call_option(setup->call, part->option) != NULL;
}

/* However that is written. */
static bool is_included(const struct dovecot *dovecot, const struct part *part)
{
	char *file = file_of(part, dovecot->release);
	bool included = dovecot_files_named(&dovecot->files, file) != NULL;

	mem_free_string(&file);
	return included;
}

/* What the edits so far make of the configuration, instead of after. */
static int try_out(struct dovecot *dovecot, struct error *err_r)
{
	char *conf;

	if (dovecot_edits_try(&conf, &dovecot->edits, err_r) < 0)
		return -1;
	mem_free_string(&dovecot->after);
	dovecot->after = conf;
	return 0;
}

/*
 * Include the part at a place (-1: at the end), if that works, or else leave
 * all as it was.
 */
static int include_at(struct dovecot *dovecot, const struct part *part,
		      const char *path, ptrdiff_t at,
		      int (*works)(const char *before, const char *after,
				   struct error *err_r),
		      struct error *err_r)
{
	char *was = mem_strdup(dovecot->after);
	char *file = file_of(part, dovecot->release);
	char *line = mem_printf("!include_try %s", file);
	const char *text;
	char *old = NULL;
	int result = dovecot_edits_text(&text, &dovecot->edits, path, err_r);

	if (result == 0) {
		old = mem_strdup(text);
		dovecot_edits_put(
			&dovecot->edits, path,
			dovecot_conf_with_line(
				old, at < 0 ? strlen(old) : (size_t)at, line));
		if (try_out(dovecot, err_r) < 0 ||
		    works(was, dovecot->after, err_r) < 0)
			result = -1;
	}
	if (result < 0 && old != NULL) {
		dovecot_edits_put(&dovecot->edits, path, old);
		mem_free_string(&dovecot->after);
		dovecot->after = was;
		was = NULL;
	} else {
		mem_free_string(&old);
	}
	mem_free_string(&line);
	mem_free_string(&file);
	mem_free_string(&was);
	return result;
}

static int
worker_works(const char *before, const char *after, struct error *err_r)
{
	static const char *const none[] = { NULL };
	char *lost = dovecot_conf_lost(before, after, none);
	bool works = lost == NULL && dovecot_has_worker_user(after);

	mem_free_string(&lost);
	return works ? 0
		     : error_set_as(err_r, EX_CONFIG,
				    "service auth-worker is set further down");
}

/* Where the first passdb is: the outermost place that serves. */
static int
include_keys(struct setup *setup, struct dovecot *dovecot, struct error *err_r)
{
	const struct dovecot_files *files = &dovecot->files;
	struct error ignored;
	char *root;
	size_t i = 0;

	if (access(PUBLISHED, R_OK) < 0)
		return error_set_as(err_r, EX_CONFIG,
				    "%s: is not there, and without it no login "
				    "would work: countersign directory init",
				    PUBLISHED);
	if (dovecot_keys_allowed(dovecot->before, err_r) < 0)
		return -1;
	if (files->place_count == 0)
		return error_set_as(err_r, EX_CONFIG,
				    "%s: there is no passdb in it", MAIN);
	while (include_at(dovecot, &keys, files->place[i].path,
			  (ptrdiff_t)files->place[i].at, dovecot_keys_work,
			  err_r) < 0) {
		if (++i == files->place_count)
			return -1;
	}
	if (dovecot_asks_for_certificates(dovecot->after))
		setup_note(setup,
			   "The site asks clients for certificates of its own "
			   "CA, and goes on doing so: of a client\nthat then "
			   "keeps back another one no key is seen.");
	root = dovecot_needs_root(dovecot->after);
	if (root != NULL)
		setup_note(setup,
			   "Auth workers, which ask the directory, go on "
			   "running as root, for %s may need that.",
			   root);
	else if (dovecot_has_worker_user(dovecot->after))
		; /* the site's own choice */
	else if (include_at(dovecot, &worker, files->place[i].path,
			    (ptrdiff_t)files->place[i].at, worker_works,
			    &ignored) == 0)
		setup_note(setup,
			   "Auth workers no longer run as root, which no "
			   "passdb here needs. Before you add\none that "
			   "does, such as pam, take the line with %s-%s.conf "
			   "out.",
			   worker.file, dovecot->release);
	else
		setup_note(setup, "Auth workers go on running as root: %s.",
			   ignored.text);
	mem_free_string(&root);
	return 0;
}

/* Behind what the site has set for Sieve. */
static int
include_lists(struct setup *setup, struct dovecot *dovecot, struct error *err_r)
{
	const char *path =
		dovecot_files_named(&dovecot->files, "/90-sieve.conf");

	if (include_at(dovecot, &lists, path != NULL ? path : MAIN, -1,
		       dovecot_lists_work, err_r) < 0)
		return -1;
	if (!dovecot_has_sieve(dovecot->after))
		setup_note(setup,
			   "Sieve is not on: it needs sieve in mail_plugins of "
			   "protocol lmtp or lda.");
	setup_note(setup, "List mail is filed in mailboxes that are there; "
			  "dovecot-sieve-ext(7) says how\nto have them made.");
	return 0;
}

/* Behind the line that includes a part, in that file; else where it is. */
static size_t behind(const char *text, size_t at, const char *file)
{
	const char *line = strstr(text, file);

	if (line == NULL)
		return at;
	line += strcspn(line, "\n");
	return (size_t)(line - text) + (*line == '\n');
}

/* Before the first userdb, and behind the passdb of keys, the first. */
static int include_submission(struct setup *setup, struct dovecot *dovecot,
			      struct error *err_r)
{
	const struct dovecot_place *place = dovecot->files.place;
	char *file = file_of(&keys, dovecot->release);
	const char *text;
	int result = -1;

	if (dovecot->files.place_count == 0)
		result = error_set_as(err_r, EX_CONFIG,
				      "%s: there is no passdb in it", MAIN);
	else if (submission_relay_check(setup, dovecot->after, err_r) == 0 &&
		 (setup->action != SETUP_APPLY ||
		  submission_relay_make(dovecot->release, err_r) == 0) &&
		 dovecot_edits_text(&text, &dovecot->edits, place->path,
				    err_r) == 0)
		result = include_at(dovecot, &submission, place->path,
				    (ptrdiff_t)behind(text, place->at, file),
				    dovecot_submission_works, err_r);
	mem_free_string(&file);
	return result;
}

static int include(struct setup *setup, struct dovecot *dovecot,
		   const struct part *part,
		   int (*how)(struct setup *setup, struct dovecot *dovecot,
			      struct error *err_r),
		   struct error *err_r)
{
	bool named = call_option(setup->call, part->option) != NULL;

	if (!is_meant(setup, part))
		return 0;
	if (!is_installed(part, dovecot->release)) {
		if (!named)
			return 0;
		return error_set_as(err_r, EX_UNAVAILABLE,
				    "%s is not installed for Dovecot %s",
				    part->folder, dovecot->release);
	}
	return is_included(dovecot, part) ? 0 : how(setup, dovecot, err_r);
}

static int
plan(struct setup *setup, struct dovecot *dovecot, struct error *err_r)
{
	if (!is_installed(&keys, dovecot->release) &&
	    !is_installed(&lists, dovecot->release))
		return error_set_as(err_r, EX_UNAVAILABLE,
				    "neither dovecot-auth-tlspubkey nor "
				    "dovecot-sieve-ext is installed for "
				    "Dovecot %s",
				    dovecot->release);
	if (dovecot_edits_try(&dovecot->before, &dovecot->edits, err_r) < 0)
		return error_prefix(err_r, "before any change");
	dovecot->after = mem_strdup(dovecot->before);
	return include(setup, dovecot, &keys, include_keys, err_r) < 0 ||
			       include(setup, dovecot, &lists, include_lists,
				       err_r) < 0 ||
			       include(setup, dovecot, &submission,
				       include_submission, err_r) < 0
		       ? -1
		       : 0;
}

/* Ours of either release, wherever they stand. */
static int take_out(struct dovecot *dovecot, const struct part *part,
		    const char *path, struct error *err_r)
{
	size_t i;

	for (i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		char *file = file_of(part, releases[i]);
		const char *text;
		int result =
			dovecot_edits_text(&text, &dovecot->edits, path, err_r);

		if (result == 0)
			dovecot_edits_put(
				&dovecot->edits, path,
				dovecot_conf_without_include(text, file));
		mem_free_string(&file);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int
plan_revert(struct setup *setup, struct dovecot *dovecot, struct error *err_r)
{
	size_t i, k;

	for (k = 0; k < sizeof(all_parts) / sizeof(all_parts[0]); k++) {
		if (!is_meant(setup, all_parts[k]))
			continue;
		for (i = 0; i < dovecot->files.count; i++) {
			if (take_out(dovecot, all_parts[k],
				     dovecot->files.path[i], err_r) < 0)
				return -1;
		}
	}
	return 0;
}

/* The real thing must be what was tried out; a revert merely be valid. */
static int check(const struct setup *setup, const struct dovecot *dovecot,
		 struct error *err_r)
{
	static const struct dovecot_edits none = { .edit = NULL };
	char *conf;
	int result = dovecot_edits_try(&conf, &none, err_r);

	if (result < 0)
		return -1;
	if (setup->action == SETUP_APPLY && strcmp(conf, dovecot->after) != 0)
		result = error_set_as(err_r, EX_UNAVAILABLE,
				      "doveconf -n does not say what it said "
				      "when this was tried out");
	mem_free_string(&conf);
	return result;
}

static int
make(struct setup *setup, const struct dovecot *dovecot, struct error *err_r)
{
	struct error left;

	if (dovecot_edits_make(&dovecot->edits, err_r) < 0)
		return -1;
	if (check(setup, dovecot, err_r) < 0) {
		if (dovecot_edits_put_back(&dovecot->edits, &left) < 0)
			return error_prefix(err_r, "not put back (%s)",
					    left.text);
		return error_prefix(err_r, "all is as it was");
	}
	if (setup->action == SETUP_REVERT && is_meant(setup, &submission) &&
	    submission_relay_remove(err_r) < 0)
		return -1;
	return setup_reload(setup, &setup_dovecot, err_r);
}

static int
plan_and_make(struct setup *setup, struct dovecot *dovecot, struct error *err_r)
{
	bool revert = setup->action == SETUP_REVERT;

	if (find_release(dovecot, err_r) < 0 ||
	    dovecot_files_find(&dovecot->files, MAIN, err_r) < 0 ||
	    (revert ? plan_revert(setup, dovecot, err_r)
		    : plan(setup, dovecot, err_r)) < 0)
		return -1;
	dovecot_edits_diff(&setup->diff, &dovecot->edits);
	if (setup->diff.len == 0 || setup->action == SETUP_PRINT)
		return 0;
	return make(setup, dovecot, err_r);
}

static int work(struct setup *setup, struct error *err_r)
{
	struct dovecot dovecot = { .release = NULL };
	int result = plan_and_make(setup, &dovecot, err_r);

	dovecot_files_release(&dovecot.files);
	dovecot_edits_release(&dovecot.edits);
	mem_free_string(&dovecot.before);
	mem_free_string(&dovecot.after);
	return result;
}

const struct setup_software setup_dovecot = {
	.name = "Dovecot",
	.files = (const char *const[]){ DOVECOT, MAIN, NULL },
	.status = (const char *const[]){ DOVEADM, "process", "status", NULL },
	.reload = (const char *const[]){ DOVEADM, "reload", NULL },
	.work = work,
};
