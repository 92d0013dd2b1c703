#include "admin/postfix-milters.h"

#include "admin/master-cf.h"
#include "admin/milter-list.h"
#include "admin/submission-relay.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Under "-o { smtpd_milters =". */
#define INDENT "      "

struct work {
	const struct postfix_milters *milters;
	struct master_cf now;
	struct master_cf old_without;
	struct master_cf old_with;
};

bool postfix_is_submission(const struct master_cf_service *service)
{
	static const char *const ports[] = {
		"submission", "submissions", "smtps",
		"465",	      "587",	     SUBMISSION_RELAY_PORT
	};
	const char *colon = strrchr(service->name, ':');
	const char *port = colon != NULL ? colon + 1 : service->name;
	size_t i;

	if (strcmp(service->type, "inet") != 0 ||
	    strcmp(service->command, "smtpd") != 0)
		return false;
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (strcmp(port, ports[i]) == 0)
			return true;
	}
	return false;
}

static bool has_any(const char *list, const char *const *sockets)
{
	for (; *sockets != NULL; sockets++) {
		if (milter_list_has(list, *sockets))
			return true;
	}
	return false;
}

static const struct master_cf_option *
milters_of(const struct master_cf_service *service)
{
	return master_cf_option(service, POSTFIX_MILTERS);
}

static bool
has_ours(const struct work *work, const struct master_cf_service *service)
{
	const struct master_cf_option *option = milters_of(service);

	return option != NULL && has_any(option->value, work->milters->ours);
}

/* Recorded, and as it was left then? */
static bool
is_untouched(const struct work *work, const struct master_cf_service *service)
{
	const struct master_cf_service *recorded =
		master_cf_find(&work->old_with, service->name, service->type);
	const struct master_cf_option *then =
		recorded != NULL ? milters_of(recorded) : NULL;
	char *before, *now;
	bool same;

	if (then == NULL)
		return false;
	before = master_cf_argument(work->milters->old_with, then);
	now = master_cf_argument(work->milters->now, milters_of(service));
	same = strcmp(before, now) == 0;
	mem_free_string(&before);
	mem_free_string(&now);
	return same;
}

static char *argument_of(const char *list)
{
	if (strpbrk(list, " \t\r\n{") == NULL)
		return mem_printf(" %s=%s", POSTFIX_MILTERS, list);
	return mem_printf(" { %s = %s }", POSTFIX_MILTERS, list);
}

/*
 * What to say in the place of a list with ours: what was there, if nobody
 * changed it since, else what is left of it. NULL: nothing, as main.cf says it.
 */
static char *argument_without(const struct work *work,
			      const struct master_cf_service *service)
{
	const struct postfix_milters *milters = work->milters;
	const struct master_cf_service *then = master_cf_find(
		&work->old_without, service->name, service->type);
	const struct master_cf_option *old =
		then != NULL ? milters_of(then) : NULL;
	bool untouched = is_untouched(work, service);
	char *rest =
		milter_list_without(milters_of(service)->value, milters->ours);
	char *argument = NULL;

	/* One of ours that is recorded was put there by hand. */
	if (old != NULL && !has_any(old->value, milters->ours) &&
	    (untouched || milter_list_equal(old->value, rest)))
		argument = master_cf_argument(milters->old_without, old);
	else if (old != NULL || !((untouched && then != NULL) ||
				  milter_list_equal(rest, milters->main_list)))
		argument = argument_of(rest);
	mem_free_string(&rest);
	return argument;
}

/* Are the wanted ones there, no other of ours, and the rest as it should be? */
static bool is_done(const struct work *work, const char *list,
		    const char *const *wanted, const char *rest)
{
	char *others = milter_list_without(list, wanted);
	bool done = !has_any(others, work->milters->ours) &&
		    milter_list_equal(others, rest);

	mem_free_string(&others);
	for (; *wanted != NULL; wanted++)
		done = done && milter_list_has_safe(list, *wanted);
	return done;
}

static char *argument_with(const struct work *work,
			   const struct master_cf_service *service,
			   const char *const *wanted, const char *rest)
{
	const struct master_cf_option *now = milters_of(service);
	char *list, *argument;

	if (now != NULL && is_done(work, now->value, wanted, rest))
		return master_cf_argument(work->milters->now, now);
	list = milter_list_put(rest, wanted, INDENT);
	argument = mem_printf(" { %s =%s }", POSTFIX_MILTERS, list);
	mem_free_string(&list);
	return argument;
}

/* Which of ours this service should have; room for all of them. */
static bool wanted_by(const char **wanted_r, const struct work *work,
		      const struct master_cf_service *service)
{
	const struct postfix_milters *milters = work->milters;
	const struct master_cf_option *now = milters_of(service);
	size_t count = 0, i;

	for (i = 0; milters->wanted[i] != NULL; i++) {
		if (milters->put ? postfix_is_submission(service)
				 : now != NULL &&
					   milter_list_has(now->value,
							   milters->wanted[i]))
			wanted_r[count++] = milters->wanted[i];
	}
	wanted_r[count] = NULL;
	return count > 0;
}

static void change(char **text, const struct master_cf_service *service,
		   const char *argument)
{
	char *changed =
		master_cf_set(*text, service, POSTFIX_MILTERS, argument);

	mem_free_string(text);
	*text = changed;
}

/* From the last service on, so that those before it stay where they are. */
static char *text_without(const struct work *work)
{
	char *text = mem_strdup(work->milters->now);
	size_t i;

	for (i = work->now.count; i-- > 0;) {
		const struct master_cf_service *service =
			&work->now.services[i];
		char *argument;

		if (!has_ours(work, service))
			continue;
		argument = argument_without(work, service);
		change(&text, service, argument);
		mem_free_string(&argument);
	}
	return text;
}

/* without: the services as they are without us. */
static char *text_with(const struct work *work, const struct master_cf *without)
{
	char *text = mem_strdup(work->milters->now);
	/* Ours might stand there too, by hand. */
	char *main_list = milter_list_without(work->milters->main_list,
					      work->milters->ours);
	size_t count = 0, i;
	const char **wanted;

	while (work->milters->wanted[count] != NULL)
		count++;
	wanted = mem_array(count + 1, sizeof(*wanted));
	for (i = work->now.count; i-- > 0;) {
		const struct master_cf_service *service =
			&work->now.services[i];
		const struct master_cf_option *own =
			milters_of(&without->services[i]);
		char *argument;

		if (wanted_by(wanted, work, service))
			argument = argument_with(work, service, wanted,
						 own != NULL ? own->value
							     : main_list);
		else if (has_ours(work, service) && !work->milters->put)
			argument = argument_without(work, service);
		else
			continue;
		change(&text, service, argument);
		mem_free_string(&argument);
	}
	free(wanted);
	mem_free_string(&main_list);
	return text;
}

static int parse_all(struct work *work, struct error *err_r)
{
	const struct postfix_milters *milters = work->milters;

	return master_cf_parse(&work->now, milters->now, err_r) < 0 ||
			       master_cf_parse(&work->old_without,
					       milters->old_without,
					       err_r) < 0 ||
			       master_cf_parse(&work->old_with,
					       milters->old_with, err_r) < 0
		       ? -1
		       : 0;
}

static int check_lists(const struct work *work, struct error *err_r)
{
	size_t i;

	if (milter_list_check(work->milters->main_list, err_r) < 0)
		return error_prefix(err_r, "%s of main.cf", POSTFIX_MILTERS);
	for (i = 0; i < work->now.count; i++) {
		const struct master_cf_service *service =
			&work->now.services[i];
		const struct master_cf_option *option = milters_of(service);

		if (option != NULL &&
		    milter_list_check(option->value, err_r) < 0)
			return error_prefix(err_r, "%s of %s", POSTFIX_MILTERS,
					    service->name);
	}
	return 0;
}

int postfix_milters_edit(char **without_r, char **with_r,
			 const struct postfix_milters *milters,
			 struct error *err_r)
{
	struct work work = { .milters = milters };
	struct master_cf without;
	int result = -1;

	if (parse_all(&work, err_r) == 0 && check_lists(&work, err_r) == 0) {
		*without_r = text_without(&work);
		result = master_cf_parse(&without, *without_r, err_r);
		if (result == 0)
			*with_r = text_with(&work, &without);
		else
			mem_free_string(without_r);
		master_cf_release(&without);
	}
	master_cf_release(&work.now);
	master_cf_release(&work.old_without);
	master_cf_release(&work.old_with);
	return result;
}
