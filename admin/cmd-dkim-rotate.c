#include "admin/cmd-dkim.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "admin/dkim-origin.h"
#include "admin/dkim-publish.h"
#include "admin/dkim-rotate.h"
#include "admin/output.h"
#include "common/address.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define KEYS_PER_PROGRESS 100

struct rotating {
	struct cmd_dkim dkim;
	char *domains[CALL_ARGUMENTS_MAX + 1];
	bool signers_changed;
};

static void say(const struct rotating *rotating, enum dkim_event event,
		const struct dkim_table_entry *entry)
{
	bool automatic = rotating->dkim.settings.publish_command[0] != NULL;
	FILE *out = output_file(rotating->dkim.call->out);
	char *name = dkim_record_name(entry);
	char until[DATE_TEXT_SIZE];
	time_t due;

	(void)dkim_life_next(&due, entry, &rotating->dkim.terms);
	date_format(until, due);
	(void)fprintf(out, "%s %s: ", entry->domain, entry->selector);
	switch (event) {
	case DKIM_EVENT_GENERATED:
		if (automatic)
			(void)fprintf(out, "made, to be published as %s\n",
				      name);
		else
			(void)fprintf(out,
				      "made; publish its record: countersign "
				      "dkim record %s %s\n",
				      entry->domain, entry->selector);
		break;
	case DKIM_EVENT_WAITS:
		(void)fprintf(out, "waits for its record, %s\n", name);
		break;
	case DKIM_EVENT_ACTIVATED:
		(void)fprintf(out, "is active\n");
		break;
	case DKIM_EVENT_RETIRED:
		(void)fprintf(out,
			      "is retired; keep its record in DNS until %s\n",
			      until);
		break;
	case DKIM_EVENT_REMOVED:
		(void)fprintf(out,
			      automatic ? "is removed, with its record, %s\n"
					: "is removed; take its record out of "
					  "DNS: %s\n",
			      name);
		break;
	}
	mem_free_string(&name);
	(void)fflush(out);
}

static void
tell(void *context, enum dkim_event event, const struct dkim_table_entry *entry)
{
	struct rotating *rotating = context;
	struct output *out = rotating->dkim.call->out;
	char *name;

	rotating->signers_changed |= event == DKIM_EVENT_ACTIVATED;
	if (!output_is_json(out)) {
		say(rotating, event, entry);
		return;
	}
	name = dkim_record_name(entry);
	output_string(out, entry->domain);
	output_string(out, entry->selector);
	output_string(out, dkim_event_name(event));
	output_string(out, name);
	mem_free_string(&name);
}

static void complain(void *context, const char *domain, const struct error *why)
{
	(void)context;
	(void)fprintf(stderr, "countersign: %s: %s\n", domain, why->text);
}

static void show_progress(void *context, size_t done, size_t all)
{
	static const char up[] = "\r%zu of %zu keys%s";

	(void)context;
	if (done % KEYS_PER_PROGRESS == 0 || done == all)
		(void)fprintf(stderr, up, done, all, done == all ? "\n" : "");
}

static int read_domains(struct rotating *rotating, const struct call *call,
			struct error *err_r)
{
	int i;

	for (i = 0; i < call->argc; i++) {
		if (address_domain_parse(&rotating->domains[i], call->argv[i],
					 err_r) < 0)
			return -1;
	}
	return 0;
}

/* Each of those that were named has a key. */
static int check_domains(const struct rotating *rotating, struct error *err_r)
{
	const struct dkim_table *table = &rotating->dkim.store.table;
	char *const *domain;
	size_t i;

	for (domain = rotating->domains; *domain != NULL; domain++) {
		for (i = 0; i < table->count; i++) {
			if (strcmp(table->entries[i].domain, *domain) == 0)
				break;
		}
		if (i == table->count)
			return error_set(err_r,
					 "%s has no key; to make one: "
					 "countersign dkim generate %s",
					 *domain, *domain);
	}
	return 0;
}

static int run(struct rotating *rotating, struct error *err_r)
{
	static const char *const columns[] = { "domain", "selector", "event",
					       "record_name", NULL };
	struct cmd_dkim *dkim = &rotating->dkim;
	struct dkim_rotate_options options = {
		.terms = dkim->terms,
		.publish_command = dkim->settings.publish_command,
		.domains = rotating->domains,
		.tell = tell,
		.complain = complain,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.context = rotating,
	};
	struct dkim_rotate_result result;

	if (output_is_json(dkim->call->out))
		output_table(dkim->call->out, columns);
	else
		(void)output_file(dkim->call->out); /* no news is an answer */
	if (dkim_rotate(&result, dkim->store.path, &options, err_r) < 0)
		return -1;
	if (rotating->signers_changed && !output_is_json(dkim->call->out))
		(void)fprintf(output_file(dkim->call->out),
			      "To sign with the keys that are active now: %s\n",
			      cmd_dkim_reload);
	if (result.troubles > 0)
		return 1;
	return result.outages > 0 ? EX_TEMPFAIL : 0;
}

/* Where the keys are copies of another host's there is nothing to do: 1. */
static int is_follower(const struct rotating *rotating, struct error *err_r)
{
	const struct cmd_dkim *dkim = &rotating->dkim;
	char *other;

	if (dkim_origin_read(&other, dkim->store.folder, err_r) < 0)
		return -1;
	if (other == NULL)
		return 0;
	(void)fprintf(stderr,
		      "countersign: %s follows the keys of %s, which rotates "
		      "them; nothing is done here\n",
		      dkim->store.folder, other);
	mem_free_string(&other);
	return 1;
}

static int
rotate(struct rotating *rotating, const struct call *call, struct error *err_r)
{
	struct cmd_dkim *dkim = &rotating->dkim;
	int follows;

	if (cmd_dkim_init(dkim, call, false, false, err_r) < 0 ||
	    read_domains(rotating, call, err_r) < 0)
		return -1;
	follows = is_follower(rotating, err_r);
	if (follows != 0)
		return follows < 0 ? -1 : 0;
	if (check_domains(rotating, err_r) < 0)
		return -1;
	return run(rotating, err_r);
}

int cmd_dkim_rotate(const struct call *call, struct error *err_r)
{
	struct rotating rotating = { .signers_changed = false };
	int result = rotate(&rotating, call, err_r);
	int i;

	cmd_dkim_release(&rotating.dkim);
	for (i = 0; i < call->argc; i++)
		mem_free_string(&rotating.domains[i]);
	return result;
}
