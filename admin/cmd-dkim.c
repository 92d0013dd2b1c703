#include "admin/cmd-dkim.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "admin/duration.h"
#include "admin/output.h"
#include "admin/postfix-conf.h"
#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

const char cmd_dkim_reload[] = "systemctl reload milter-dkim";

/* Postfix's own default, for a host that has none. */
#define QUEUE_DEFAULT (5 * DURATION_DAY)

static int read_term(time_t *seconds_r, const char *name, const char *text,
		     struct error *err_r)
{
	if (duration_parse(seconds_r, text, DURATION_DAY, err_r) < 0)
		return error_prefix(err_r, "%s", name);
	if (*seconds_r < DURATION_HOUR)
		return error_set(err_r, "%s: \"%s\" is less than an hour", name,
				 text);
	return 0;
}

static int read_terms(struct cmd_dkim *dkim, struct error *err_r)
{
	const char *every = call_option(dkim->call, "every");

	if (every != NULL) {
		if (read_term(&dkim->terms.every, "--every", every, err_r) < 0)
			goto usage;
	} else if (read_term(&dkim->terms.every, "rotate_every",
			     dkim->settings.rotate_every, err_r) < 0) {
		goto config;
	}
	if (read_term(&dkim->terms.within, "publish_within",
		      dkim->settings.publish_within, err_r) < 0)
		goto config;
	return 0;
usage:
	err_r->sysexit = EX_USAGE;
	return -1;
config:
	err_r->sysexit = EX_CONFIG;
	return error_prefix(err_r, "%s",
			    dkim->call->config != NULL ? dkim->call->config
						       : SETTINGS_PATH);
}

/* How long Postfix may keep mail that the key signed. */
static int read_queue_time(time_t *seconds_r, struct error *err_r)
{
	static const char *const names[] = { "maximal_queue_lifetime", NULL };
	struct postfix_conf conf;
	int result;

	*seconds_r = QUEUE_DEFAULT;
	if (access(POSTFIX_CONF, X_OK) < 0 && errno == ENOENT)
		return 0;
	if (postfix_conf(&conf, "-hx", NULL, names, err_r) < 0)
		return -1;
	result = duration_parse(seconds_r, conf.value[0], DURATION_DAY, err_r);
	postfix_conf_release(&conf);
	return result < 0 ? error_prefix(err_r, "%s", names[0]) : 0;
}

static int read_names(struct cmd_dkim *dkim, struct error *err_r)
{
	const struct call *call = dkim->call;

	if (call->argc > 0 &&
	    address_domain_parse(&dkim->domain, call->argv[0], err_r) < 0)
		return -1;
	if (call->argc > 1 &&
	    dkim_selector_parse(&dkim->selector, call->argv[1], err_r) < 0)
		return -1;
	return 0;
}

int cmd_dkim_init(struct cmd_dkim *dkim, const struct call *call, bool change,
		  bool names, struct error *err_r)
{
	const char *path = call_option(call, "table");

	*dkim = (struct cmd_dkim){ .call = call, .store = { .lock = -1 } };
	if (settings_load(&dkim->settings, call->config, err_r) < 0 ||
	    read_terms(dkim, err_r) < 0 ||
	    (names && read_names(dkim, err_r) < 0) ||
	    read_queue_time(&dkim->terms.queue, err_r) < 0)
		return -1;
	return dkim_store_open(&dkim->store,
			       path != NULL ? path : DKIM_TABLE_DEFAULT, change,
			       err_r);
}

void cmd_dkim_release(struct cmd_dkim *dkim)
{
	dkim_store_close(&dkim->store);
	settings_release(&dkim->settings);
	mem_free_string(&dkim->domain);
	mem_free_string(&dkim->selector);
}

bool cmd_dkim_matches(const struct cmd_dkim *dkim,
		      const struct dkim_table_entry *entry)
{
	return (dkim->domain == NULL ||
		strcmp(entry->domain, dkim->domain) == 0) &&
	       (dkim->selector == NULL ||
		strcmp(entry->selector, dkim->selector) == 0);
}

int cmd_dkim_unknown(const struct cmd_dkim *dkim, struct error *err_r)
{
	if (dkim->selector == NULL)
		return error_set(err_r,
				 "%s has no key; to make one: countersign "
				 "dkim generate %s",
				 dkim->domain, dkim->domain);
	return error_set(err_r,
			 "%s has no key with selector %s; to see all: "
			 "countersign dkim list",
			 dkim->domain, dkim->selector);
}

struct dkim_table_entry *
cmd_dkim_find(const struct cmd_dkim *dkim, struct error *err_r)
{
	struct dkim_table_entry *entry = dkim_table_find(
		&dkim->store.table, dkim->domain, dkim->selector);

	if (entry == NULL)
		(void)cmd_dkim_unknown(dkim, err_r);
	return entry;
}

void cmd_dkim_begin_rows(const struct cmd_dkim *dkim)
{
	static const char *const columns[] = {
		"domain", "selector", "algorithm", "state",	 "since",
		"next",	  "due",      "key_file",  "subdomains", NULL
	};

	output_table(dkim->call->out, columns);
}

void cmd_dkim_show_row(const struct cmd_dkim *dkim,
		       const struct dkim_table_entry *entry)
{
	char *path = dkim_table_key_path(dkim->store.path, entry);
	struct output *out = dkim->call->out;
	enum dkim_step next;
	time_t due;

	next = dkim_life_next(&due, entry, &dkim->terms);
	output_string(out, entry->domain);
	output_string(out, entry->selector);
	output_string(out, dkim_algorithm_name(entry->algorithm));
	output_string(out, dkim_state_name(entry->state));
	output_time(out, entry->since);
	output_string(out, dkim_step_name(next));
	output_time(out, due);
	output_string(out, path);
	output_bool(out, entry->subdomains);
	mem_free_string(&path);
}

int cmd_dkim_list(const struct call *call, struct error *err_r)
{
	struct cmd_dkim dkim;
	int result = cmd_dkim_init(&dkim, call, false, false, err_r);
	size_t i;

	if (result == 0) {
		cmd_dkim_begin_rows(&dkim);
		for (i = 0; i < dkim.store.table.count; i++)
			cmd_dkim_show_row(&dkim, &dkim.store.table.entries[i]);
	}
	cmd_dkim_release(&dkim);
	return result;
}
