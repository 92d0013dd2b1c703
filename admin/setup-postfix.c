#include "admin/setup.h"

#include "admin/call.h"
#include "admin/master-cf.h"
#include "admin/milter-list.h"
#include "admin/postfix-check.h"
#include "admin/postfix-conf.h"
#include "admin/postfix-milters.h"
#include "admin/setup-file.h"
#include "admin/spawn.h"
#include "admin/text-diff.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define POSTFIX "/usr/sbin/postfix"
#define QUEUE "/var/spool/postfix"
#define RECORD "master.cf"

/*
 * In the order in which they see a message: first who writes it, then sign.
 * The verifier is put on port 25 by hand, but taken out with the others.
 */
static const struct part {
	const char *option;
	const char *daemon;
	const char *socket; /* in the queue directory */
	bool by_hand;
} parts[] = {
	{ .option = "sender-check",
	  .daemon = "milter-sender-check",
	  .socket = "countersign/sender-check/milter" },
	{ .option = "dkim",
	  .daemon = "milter-dkim",
	  .socket = "countersign/dkim/milter" },
	{ .option = "verify",
	  .daemon = "milter-dkim-verify",
	  .socket = "countersign/dkim-verify/milter",
	  .by_hand = true },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

struct postfix {
	char *path; /* of master.cf */
	char *now;
	char *old_without, *old_with;
	char *without, *with;
	char *main_list;
	const char *ours[PARTS + 1];
	const char *wanted[PARTS + 1];
};

static bool names_part(const struct setup *setup)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		if (call_option(setup->call, parts[i].option) != NULL)
			return true;
	}
	return false;
}

/* Also if no part is named. */
static bool is_named(const struct setup *setup, const struct part *part)
{
	return !names_part(setup) ||
	       call_option(setup->call, part->option) != NULL;
}

static bool is_installed(const struct part *part)
{
	char *path = mem_printf("/usr/sbin/%s", part->daemon);
	bool installed = access(path, X_OK) == 0;

	mem_free_string(&path);
	return installed;
}

/*
 * A milter that is not there would put off all mail: whoever is told to use it
 * must be able to reach it.
 */
static int check_listens(const struct part *part, struct error *err_r)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
		       QUEUE, part->socket);
	result = fd < 0 ? -1
			: connect(fd, (const struct sockaddr *)&address,
				  sizeof(address));
	if (fd >= 0)
		(void)close(fd);
	if (result == 0)
		return 0;
	return error_set_as(err_r, EX_UNAVAILABLE,
			    "%s: nobody listens there, so that Postfix would "
			    "put off all mail; start %s, with the socket that "
			    "it is installed with",
			    address.sun_path, part->daemon);
}

/* Is this one of ours in use by some service now? */
static bool is_in_use(const struct master_cf *cf, const struct part *part)
{
	size_t i;

	for (i = 0; i < cf->count; i++) {
		const struct master_cf_option *option =
			master_cf_option(&cf->services[i], POSTFIX_MILTERS);

		if (option != NULL &&
		    milter_list_has(option->value, part->socket))
			return true;
	}
	return false;
}

/*
 * Applied: what is named, or else installed, and what is in use. Reverted:
 * what is in use, but for what is named, or for all.
 */
static int choose_parts(struct postfix *postfix, const struct setup *setup,
			const struct master_cf *cf, struct error *err_r)
{
	bool revert = setup->action == SETUP_REVERT;
	size_t ours = 0, count = 0, i;

	for (i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];
		bool named = is_named(setup, part);

		if (part->by_hand && !(revert && named)) {
			if (!revert &&
			    call_option(setup->call, part->option) != NULL)
				return error_set_as(err_r, EX_USAGE,
						    "%s is put into master.cf "
						    "by hand, as %s(8) shows; "
						    "only --revert knows --%s",
						    part->daemon, part->daemon,
						    part->option);
			continue;
		}
		postfix->ours[ours++] = part->socket;
		if (!names_part(setup) && !revert)
			named = is_installed(part);
		if (is_in_use(cf, part) ? revert && named : revert || !named)
			continue;
		if (!revert && check_listens(part, err_r) < 0)
			return -1;
		postfix->wanted[count++] = part->socket;
	}
	if (count == 0 && !revert)
		return error_set_as(err_r, EX_UNAVAILABLE,
				    "neither milter-sender-check nor "
				    "milter-dkim is installed");
	return 0;
}

static int check_queue(const char *queue, struct error *err_r)
{
	if (strcmp(queue, QUEUE) == 0)
		return 0;
	return error_set_as(err_r, EX_CONFIG,
			    "main.cf: queue_directory is \"%s\", but the "
			    "milters' sockets are in %s",
			    queue, QUEUE);
}

/*
 * Who wrote a milter into main.cf by hand must take it out by hand: left there,
 * it would keep off all mail once it is gone.
 */
static int check_main(const struct setup *setup, const char *name,
		      const char *list, struct error *err_r)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		if (is_named(setup, &parts[i]) &&
		    milter_list_has(list, parts[i].socket))
			return error_set_as(err_r, EX_CONFIG,
					    "main.cf: %s has %s, which is not "
					    "of this command's making; take it "
					    "out, and do the same again",
					    name, parts[i].daemon);
	}
	return 0;
}

static int find_postfix(struct postfix *postfix, const struct setup *setup,
			struct error *err_r)
{
	static const char *const names[] = { "config_directory",
					     "queue_directory", POSTFIX_MILTERS,
					     "non_smtpd_milters", NULL };
	struct postfix_conf answers;
	int result;

	if (postfix_conf(&answers, "-h", NULL, names, err_r) < 0)
		return -1;
	if (setup->action != SETUP_REVERT)
		result = check_queue(answers.value[1], err_r);
	else if ((result = check_main(setup, names[2], answers.value[2],
				      err_r)) == 0)
		result = check_main(setup, names[3], answers.value[3], err_r);
	postfix->path = mem_printf("%s/master.cf", answers.value[0]);
	postfix->main_list = mem_strdup(answers.value[2]);
	postfix_conf_release(&answers);
	return result;
}

static int plan(struct setup *setup, struct postfix *postfix,
		const struct master_cf *cf, struct error *err_r)
{
	struct postfix_milters milters = {
		.now = postfix->now,
		.main_list = postfix->main_list,
		.old_without = postfix->old_without,
		.old_with = postfix->old_with,
		.ours = postfix->ours,
		.wanted = postfix->wanted,
		.put = setup->action != SETUP_REVERT,
	};

	if (choose_parts(postfix, setup, cf, err_r) < 0)
		return -1;
	if (milters.put && postfix_check(setup, postfix->path, cf, err_r) < 0)
		return -1;
	return postfix_milters_edit(&postfix->without, &postfix->with, &milters,
				    err_r);
}

static int
read_and_plan(struct setup *setup, struct postfix *postfix, struct error *err_r)
{
	struct master_cf cf;
	int result;

	if (find_postfix(postfix, setup, err_r) < 0 ||
	    setup_file_read(&postfix->now, postfix->path, err_r) < 0 ||
	    setup_record_read(&postfix->old_without, &postfix->old_with, RECORD,
			      err_r) < 0)
		return -1;
	if (master_cf_parse(&cf, postfix->now, err_r) < 0)
		return error_prefix(err_r, "%s", postfix->path);
	result = plan(setup, postfix, &cf, err_r);
	master_cf_release(&cf);
	return result;
}

static int check(struct error *err_r)
{
	static const char *const argv[] = { POSTFIX, "check", NULL };

	return spawn_run(argv, NULL, err_r);
}

static int put_back(const struct postfix *postfix, struct error *err_r)
{
	struct error why = *err_r, ignored;

	if (setup_file_replace(postfix->path, postfix->now, &ignored) < 0)
		return error_set_as(err_r, why.sysexit,
				    "%s; and it is not put back: %s", why.text,
				    ignored.text);
	return error_set_as(err_r, why.sysexit, "%s is as it was: %s",
			    postfix->path, why.text);
}

static int record(const struct postfix *postfix, struct error *err_r)
{
	return strcmp(postfix->without, postfix->with) == 0
		       ? setup_record_remove(RECORD, err_r)
		       : setup_record_write(RECORD, postfix->without,
					    postfix->with, err_r);
}

/*
 * Whatever happens in between: a record that says more than was done is known
 * by its text, one that says less would lose what was there before.
 */
static int
make(struct setup *setup, const struct postfix *postfix, struct error *err_r)
{
	bool empty = strcmp(postfix->without, postfix->with) == 0;

	if (!empty && record(postfix, err_r) < 0)
		return -1;
	if (setup_file_replace(postfix->path, postfix->with, err_r) < 0)
		return -1;
	if (check(err_r) < 0)
		return put_back(postfix, err_r);
	if (empty && record(postfix, err_r) < 0)
		return -1;
	return setup_reload(setup, &setup_postfix, err_r);
}

static bool uses(const struct postfix *postfix, const struct part *part)
{
	size_t i;

	for (i = 0; postfix->wanted[i] != NULL; i++) {
		if (strcmp(postfix->wanted[i], part->socket) == 0)
			return true;
	}
	return false;
}

static void say_what_follows(struct setup *setup, const struct postfix *postfix)
{
	if (postfix->main_list[0] != '\0')
		setup_note(setup,
			   "These services have a list of milters of their own "
			   "now. If you change smtpd_milters in\n"
			   "main.cf (%s), run this again. A milter that signs "
			   "goes on doing so.",
			   postfix->main_list);
	if (uses(postfix, &parts[0]))
		setup_note(setup,
			   "As installed, the sender check only reports: it "
			   "logs what it would refuse, and refuses nothing.\n"
			   "  to see it:   countersign sender report\n"
			   "  to enforce:  mode = enforce in "
			   "/etc/countersign/milter-sender-check.conf, then\n"
			   "               systemctl reload "
			   "milter-sender-check");
	if (uses(postfix, &parts[1]))
		setup_note(setup, "milter-dkim signs for domains with an "
				  "active key.\n"
				  "  to see them:  countersign dkim list\n"
				  "  to make one:  countersign dkim generate "
				  "DOMAIN\n"
				  "  to replace them every 90 days:  systemctl "
				  "enable --now countersign-dkim-rotate.timer");
}

static int
finish(struct setup *setup, const struct postfix *postfix, struct error *err_r)
{
	char *diff = text_diff(postfix->path, postfix->now, postfix->with);

	buffer_append_string(&setup->diff, diff);
	mem_free_string(&diff);
	if (setup->diff.len == 0)
		return 0;
	if (setup->action != SETUP_PRINT && make(setup, postfix, err_r) < 0)
		return -1;
	if (setup->action != SETUP_REVERT)
		say_what_follows(setup, postfix);
	return 0;
}

static int work(struct setup *setup, struct error *err_r)
{
	struct postfix postfix = { .path = NULL };
	int result = -1;

	if (read_and_plan(setup, &postfix, err_r) == 0)
		result = finish(setup, &postfix, err_r);
	mem_free_string(&postfix.path);
	mem_free_string(&postfix.now);
	mem_free_string(&postfix.old_without);
	mem_free_string(&postfix.old_with);
	mem_free_string(&postfix.without);
	mem_free_string(&postfix.with);
	mem_free_string(&postfix.main_list);
	return result;
}

const struct setup_software setup_postfix = {
	.name = "Postfix",
	.files = (const char *const[]){ POSTFIX, POSTFIX_CONF, NULL },
	.status = (const char *const[]){ POSTFIX, "status", NULL },
	.reload = (const char *const[]){ POSTFIX, "reload", NULL },
	.work = work,
};
