#include "admin/cmd-dkim.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "admin/dkim-publish.h"
#include "admin/output.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* As zone text; and on a line of its own, for a form to be filled in. */
static void print_record(FILE *out, const char *name, const char *record)
{
	struct buffer text = BUFFER_INIT;

	dkim_record_append(&text, record, "\n\t");
	(void)fprintf(out, "%s. IN TXT (%s )\n; In one piece: %s\n", name,
		      buffer_string(&text), record);
	buffer_release(&text);
}

static int show_entry(const struct cmd_dkim *dkim,
		      const struct dkim_table_entry *entry, struct error *err_r)
{
	struct output *out = dkim->call->out;
	char *record, *name;

	if (dkim_store_record(&record, &dkim->store, entry, err_r) < 0)
		return -1;
	name = dkim_record_name(entry);
	if (output_is_json(out)) {
		output_string(out, entry->domain);
		output_string(out, entry->selector);
		output_string(out, dkim_algorithm_name(entry->algorithm));
		output_string(out, dkim_state_name(entry->state));
		output_string(out, name);
		output_string(out, record);
	} else {
		print_record(output_file(out), name, record);
	}
	mem_free_string(&name);
	mem_free_string(&record);
	return 0;
}

static void begin_entries(const struct call *call)
{
	static const char *const columns[] = { "domain",      "selector",
					       "algorithm",   "state",
					       "record_name", "record",
					       NULL };

	if (output_is_json(call->out))
		output_table(call->out, columns);
}

/* What is to be made: one algorithm, or all. */
struct generation {
	char *selector; /* NULL: dated */
	bool wanted[DKIM_ALGORITHM_COUNT];
	bool several;
	bool subdomains;
};

static int read_generation(struct generation *generation,
			   const struct call *call, struct error *err_r)
{
	const char *algorithm = call_option(call, "algorithm");
	const char *selector = call_option(call, "selector");
	enum dkim_algorithm one;

	generation->subdomains = call_option(call, "subdomains") != NULL;
	if (selector != NULL &&
	    dkim_selector_parse(&generation->selector, selector, err_r) < 0)
		return -1;
	if (algorithm == NULL || strcmp(algorithm, "both") == 0) {
		generation->wanted[DKIM_RSA_SHA256] = true;
		generation->wanted[DKIM_ED25519_SHA256] = true;
		generation->several = true;
		return 0;
	}
	if (dkim_algorithm_parse(&one, algorithm, err_r) < 0)
		return error_set_as(err_r, EX_USAGE,
				    "--algorithm must be rsa, ed25519 or both, "
				    "not \"%s\"",
				    algorithm);
	generation->wanted[one] = true;
	return 0;
}

static int generate_one(struct cmd_dkim *dkim,
			const struct generation *generation,
			enum dkim_algorithm algorithm, struct error *err_r)
{
	struct dkim_store *store = &dkim->store;
	char *selector;
	int result;

	if (generation->selector == NULL)
		selector = dkim_store_dated_selector(store, dkim->domain,
						     algorithm);
	else if (generation->several)
		selector = mem_printf("%s-%s", generation->selector,
				      dkim_algorithm_name(algorithm));
	else
		selector = mem_strdup(generation->selector);
	if (dkim_table_find(&store->table, dkim->domain, selector) != NULL)
		result = error_set(err_r, "%s has a selector %s already",
				   dkim->domain, selector);
	else
		result =
			dkim_store_add(store, dkim->domain, selector, algorithm,
				       generation->subdomains, err_r);
	mem_free_string(&selector);
	return result;
}

/* All of them, saved; or none. */
static int make_keys(struct cmd_dkim *dkim, const struct generation *generation,
		     struct error *err_r)
{
	size_t first = dkim->store.table.count;
	int i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		if (!generation->wanted[i])
			continue;
		if (generate_one(dkim, generation, (enum dkim_algorithm)i,
				 err_r) < 0) {
			dkim_store_discard(&dkim->store, first);
			return -1;
		}
	}
	/* From here on the table may name them, whatever comes of it. */
	return dkim_store_save(&dkim->store, err_r);
}

static int
publish(const struct cmd_dkim *dkim, size_t first, struct error *err_r)
{
	const struct dkim_table *table = &dkim->store.table;
	size_t i;

	for (i = first; i < table->count; i++) {
		const struct dkim_table_entry *entry = &table->entries[i];
		char *record;
		int result;

		if (dkim_store_record(&record, &dkim->store, entry, err_r) < 0)
			return -1;
		result = dkim_publish(dkim->settings.publish_command, entry,
				      record, err_r);
		mem_free_string(&record);
		if (result < 0)
			return error_prefix(err_r,
					    "the keys are made and wait for "
					    "their records (countersign dkim "
					    "record %s), but",
					    entry->domain);
	}
	return 0;
}

static int
show_generated(const struct cmd_dkim *dkim, size_t first, struct error *err_r)
{
	bool published = dkim->settings.publish_command[0] != NULL;
	const struct dkim_table *table = &dkim->store.table;
	FILE *out = output_file(dkim->call->out);
	size_t i;

	begin_entries(dkim->call);
	for (i = first; i < table->count; i++) {
		if (show_entry(dkim, &table->entries[i], err_r) < 0)
			return -1;
	}
	if (output_is_json(dkim->call->out))
		return 0;
	(void)fprintf(out,
		      "; %s When the name servers have it, sign with it:\n",
		      published ? "publish_command was given the above."
				: "Publish the above.");
	for (i = first; i < table->count; i++)
		(void)fprintf(out, ";   countersign dkim activate %s %s\n",
			      table->entries[i].domain,
			      table->entries[i].selector);
	return 0;
}

int cmd_dkim_generate(const struct call *call, struct error *err_r)
{
	struct generation generation = { .selector = NULL };
	struct cmd_dkim dkim;
	int result = cmd_dkim_init(&dkim, call, true, true, err_r);
	size_t first = dkim.store.table.count;

	if (result == 0)
		result = read_generation(&generation, call, err_r);
	if (result == 0)
		result = make_keys(&dkim, &generation, err_r);
	if (result == 0)
		result = publish(&dkim, first, err_r);
	if (result == 0)
		result = show_generated(&dkim, first, err_r);
	mem_free_string(&generation.selector);
	cmd_dkim_release(&dkim);
	return result;
}

int cmd_dkim_record(const struct call *call, struct error *err_r)
{
	struct cmd_dkim dkim;
	int result = cmd_dkim_init(&dkim, call, false, true, err_r);
	bool found = false;
	size_t i;

	if (result == 0)
		begin_entries(call);
	for (i = 0; i < dkim.store.table.count && result == 0; i++) {
		const struct dkim_table_entry *entry =
			&dkim.store.table.entries[i];

		if (!cmd_dkim_matches(&dkim, entry))
			continue;
		found = true;
		result = show_entry(&dkim, entry, err_r);
	}
	if (result == 0 && !found)
		result = cmd_dkim_unknown(&dkim, err_r);
	cmd_dkim_release(&dkim);
	return result;
}
