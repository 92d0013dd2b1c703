#include "admin/cmd-dkim.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "admin/dkim-dns.h"
#include "admin/dkim-publish.h"
#include "admin/output.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Is the entry's record out? Its TTL is noted. */
static int check_dns(const struct dkim_store *store,
		     struct dkim_table_entry *entry, struct error *err_r)
{
	char *name = dkim_record_name(entry), *record;
	int result = dkim_store_record(&record, store, entry, err_r);
	struct dkim_dns_found found;

	if (result == 0) {
		if (dkim_dns_check(&found, name, record, err_r) ==
		    DKIM_DNS_RIGHT)
			dkim_life_see_ttl(entry, found.ttl);
		else
			result = -1;
		mem_free_string(&record);
	}
	mem_free_string(&name);
	return result;
}

/* What signs for the domain with the entry's algorithm; NULL: nothing. */
static struct dkim_table_entry *
find_active(const struct dkim_store *store,
	    const struct dkim_table_entry *entry)
{
	size_t i;

	for (i = 0; i < store->table.count; i++) {
		struct dkim_table_entry *other = &store->table.entries[i];

		if (other->state == DKIM_ACTIVE &&
		    other->algorithm == entry->algorithm &&
		    strcmp(other->domain, entry->domain) == 0)
			return other;
	}
	return NULL;
}

static void
say_retired(const struct cmd_dkim *dkim, const struct dkim_table_entry *entry)
{
	char until[DATE_TEXT_SIZE];
	time_t due;

	(void)dkim_life_next(&due, entry, &dkim->terms);
	date_format(until, due);
	(void)fprintf(output_file(dkim->call->out),
		      "%s %s is retired; keep its record in DNS until %s\n",
		      entry->domain, entry->selector, until);
}

static void show_change(const struct cmd_dkim *dkim,
			const struct dkim_table_entry *retired,
			const struct dkim_table_entry *active)
{
	if (output_is_json(dkim->call->out)) {
		cmd_dkim_begin_rows(dkim);
		if (retired != NULL)
			cmd_dkim_show_row(dkim, retired);
		if (active != NULL)
			cmd_dkim_show_row(dkim, active);
		return;
	}
	if (retired != NULL)
		say_retired(dkim, retired);
	if (active != NULL)
		(void)fprintf(output_file(dkim->call->out),
			      "%s %s is active; to sign with it: %s\n",
			      active->domain, active->selector,
			      cmd_dkim_reload);
}

/* One key of an algorithm signs: the one before it retires. */
static int activate_entry(const struct cmd_dkim *dkim,
			  struct dkim_table_entry *entry, struct error *err_r)
{
	struct dkim_table_entry *before = find_active(&dkim->store, entry);
	time_t now = time(NULL);

	if (before == entry)
		before = NULL;
	if (before != NULL)
		dkim_life_begin(before, DKIM_RETIRED, now);
	dkim_life_begin(entry, DKIM_ACTIVE, now);
	if (dkim_store_save(&dkim->store, err_r) < 0)
		return -1;
	show_change(dkim, before, entry);
	return 0;
}

static int activate(struct cmd_dkim *dkim, struct dkim_table_entry *entry,
		    struct error *err_r)
{
	if (call_option(dkim->call, "force") == NULL &&
	    check_dns(&dkim->store, entry, err_r) < 0)
		return error_prefix(err_r, "not activated (--force does it "
					   "all the same)");
	return activate_entry(dkim, entry, err_r);
}

static int retire(struct cmd_dkim *dkim, struct dkim_table_entry *entry,
		  struct error *err_r)
{
	FILE *out;

	if (entry->state == DKIM_PENDING)
		return error_set(err_r,
				 "%s %s never signed; to be rid of it: "
				 "countersign dkim remove %s %s",
				 entry->domain, entry->selector, entry->domain,
				 entry->selector);
	dkim_life_begin(entry, DKIM_RETIRED, time(NULL));
	if (dkim_store_save(&dkim->store, err_r) < 0)
		return -1;
	show_change(dkim, entry, NULL);
	if (output_is_json(dkim->call->out))
		return 0;
	out = output_file(dkim->call->out);
	(void)fprintf(out, "No %s key signs for %s then; to stop signing: %s\n",
		      dkim_algorithm_name(entry->algorithm), entry->domain,
		      cmd_dkim_reload);
	return 0;
}

static int check_removal(const struct cmd_dkim *dkim,
			 const struct dkim_table_entry *entry,
			 struct error *err_r)
{
	char until[DATE_TEXT_SIZE];
	time_t due;

	if (entry->state == DKIM_ACTIVE)
		return error_set(err_r,
				 "%s %s signs; first activate another key, or: "
				 "countersign dkim retire %s %s",
				 entry->domain, entry->selector, entry->domain,
				 entry->selector);
	if (entry->state == DKIM_PENDING ||
	    call_option(dkim->call, "force") != NULL ||
	    dkim_life_is_over(entry, &dkim->terms, time(NULL)))
		return 0;
	(void)dkim_life_next(&due, entry, &dkim->terms);
	date_format(until, due);
	return error_set(err_r,
			 "%s %s is needed until %s, to verify mail that it "
			 "signed and that is still on its way; keep its "
			 "record in DNS (--force removes it all the same)",
			 entry->domain, entry->selector, until);
}

static void
say_removed(const struct cmd_dkim *dkim, const struct dkim_table_entry *entry)
{
	bool automatic = dkim->settings.publish_command[0] != NULL;
	char *name;

	if (output_is_json(dkim->call->out)) {
		cmd_dkim_begin_rows(dkim);
		cmd_dkim_show_row(dkim, entry);
		return;
	}
	name = dkim_record_name(entry);
	(void)fprintf(output_file(dkim->call->out),
		      automatic ? "The key is removed; publish_command was "
				  "told to remove its record, %s\n"
				: "The key is removed; take its record out of "
				  "DNS: %s\n",
		      name);
	mem_free_string(&name);
}

static int remove_entry(struct cmd_dkim *dkim, struct dkim_table_entry *entry,
			struct error *err_r)
{
	struct dkim_table_entry gone = *entry;
	int result;

	if (check_removal(dkim, entry, err_r) < 0 ||
	    dkim_publish(dkim->settings.publish_command, entry, NULL, err_r) <
		    0)
		return -1;
	/* The table first: milter-dkim refuses one with a key that is gone. */
	*entry = (struct dkim_table_entry){ .domain = NULL };
	dkim_table_compact(&dkim->store.table);
	result = dkim_store_save(&dkim->store, err_r);
	if (result == 0)
		result = dkim_store_remove_key(&dkim->store, &gone, err_r);
	if (result == 0)
		say_removed(dkim, &gone);
	dkim_table_entry_release(&gone);
	return result;
}

/* On the one key that is named. */
static int
change(const struct call *call,
       int (*step)(struct cmd_dkim *dkim, struct dkim_table_entry *entry,
		   struct error *err_r),
       struct error *err_r)
{
	struct dkim_table_entry *entry = NULL;
	struct cmd_dkim dkim;
	int result = cmd_dkim_init(&dkim, call, true, true, err_r);

	if (result == 0) {
		entry = cmd_dkim_find(&dkim, err_r);
		result = entry != NULL ? step(&dkim, entry, err_r) : -1;
	}
	cmd_dkim_release(&dkim);
	return result;
}

int cmd_dkim_activate(const struct call *call, struct error *err_r)
{
	return change(call, activate, err_r);
}

int cmd_dkim_retire(const struct call *call, struct error *err_r)
{
	return change(call, retire, err_r);
}

int cmd_dkim_remove(const struct call *call, struct error *err_r)
{
	return change(call, remove_entry, err_r);
}
