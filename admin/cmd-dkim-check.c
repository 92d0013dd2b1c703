#include "admin/cmd-dkim.h"

#include "admin/call.h"
#include "admin/commands.h"
#include "admin/dkim-dns.h"
#include "admin/dkim-origin.h"
#include "admin/dkim-publish.h"
#include "admin/dkim-unused.h"
#include "admin/output.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define KEYS_PER_PROGRESS 100

struct checking {
	struct cmd_dkim dkim;
	time_t now;
	size_t findings;
	size_t outages;
};

static void begin(const struct checking *checking)
{
	static const char *const columns[] = { "domain",    "selector",
					       "algorithm", "state",
					       "result",    "record_name",
					       "detail",    NULL };

	output_table(checking->dkim.call->out, columns);
}

static void show(const struct checking *checking,
		 const struct dkim_table_entry *entry, const char *result,
		 const char *detail)
{
	struct output *out = checking->dkim.call->out;
	char *name = dkim_record_name(entry);

	output_string(out, entry->domain);
	output_string(out, entry->selector);
	output_string(out, dkim_algorithm_name(entry->algorithm));
	output_string(out, dkim_state_name(entry->state));
	output_string(out, result);
	output_string(out, name);
	output_string(out, detail);
	mem_free_string(&name);
}

static void find(struct checking *checking,
		 const struct dkim_table_entry *entry, const char *result,
		 const char *detail)
{
	checking->findings++;
	show(checking, entry, result, detail);
}

/* The record is the key's: what else does it say? */
static void check_flags(struct checking *checking,
			const struct dkim_table_entry *entry,
			const struct dkim_record_flags *flags)
{
	if (flags->testing)
		find(checking, entry, "flags",
		     "has t=y, so that signatures count for nothing; take it "
		     "out");
	else if (flags->strict && entry->subdomains)
		find(checking, entry, "flags",
		     "has t=s, while the key signs for subdomains too; take "
		     "it out");
	else
		show(checking, entry, "right", NULL);
}

static void check_record(struct checking *checking,
			 const struct dkim_table_entry *entry,
			 const char *record)
{
	bool over =
		dkim_life_is_over(entry, &checking->dkim.terms, checking->now);
	char *name = dkim_record_name(entry);
	struct dkim_dns_found found;
	struct error why;

	switch (dkim_dns_check(&found, name, record, &why)) {
	case DKIM_DNS_RIGHT:
		if (over)
			show(checking, entry, "right",
			     "may go: no mail needs it any more");
		else
			check_flags(checking, entry, &found.flags);
		break;
	case DKIM_DNS_MISSING:
		if (over)
			show(checking, entry, "gone", NULL);
		else
			find(checking, entry, "missing", why.text);
		break;
	case DKIM_DNS_WRONG:
		find(checking, entry, "wrong", why.text);
		break;
	case DKIM_DNS_FAILED:
		checking->outages++;
		show(checking, entry, "unanswered", why.text);
		break;
	}
	mem_free_string(&name);
}

static void
check_entry(struct checking *checking, const struct dkim_table_entry *entry)
{
	struct error why;
	char *record;

	if (dkim_store_record(&record, &checking->dkim.store, entry, &why) <
	    0) {
		find(checking, entry, "key", why.text);
		return;
	}
	check_record(checking, entry, record);
	mem_free_string(&record);
}

static void find_unused(void *context, const char *domain, const char *selector,
			const char *file)
{
	struct checking *checking = context;
	struct output *out = checking->dkim.call->out;
	char *name = mem_printf("%s._domainkey.%s", selector, domain);
	char *detail = mem_printf("%s: no line of the table has this key; "
				  "remove the file, and the record if there "
				  "is one",
				  file);

	checking->findings++;
	output_string(out, domain);
	output_string(out, selector);
	output_string(out, NULL);
	output_string(out, NULL);
	output_string(out, "unused");
	output_string(out, name);
	output_string(out, detail);
	mem_free_string(&detail);
	mem_free_string(&name);
}

/*
 * Not where the folder may only be read, nor where it is a copy of another
 * host's: somebody may be changing it, and have put a key there just now.
 */
static int check_unused(struct checking *checking, struct error *err_r)
{
	const struct dkim_store *store = &checking->dkim.store;
	char *other;

	if (access(store->folder, W_OK) < 0)
		return 0;
	if (dkim_origin_read(&other, store->folder, err_r) < 0)
		return -1;
	if (other != NULL) {
		mem_free_string(&other);
		return 0;
	}
	return dkim_unused_find(store->folder, store->path,
				checking->dkim.domain, find_unused, checking,
				err_r);
}

static void show_progress(size_t done, size_t all)
{
	if (done % KEYS_PER_PROGRESS == 0 || done == all)
		(void)fprintf(stderr, "\r%zu of %zu keys%s", done, all,
			      done == all ? "\n" : "");
}

static int check_all(struct checking *checking, struct error *err_r)
{
	const struct dkim_table *table = &checking->dkim.store.table;
	bool progress = isatty(STDERR_FILENO) != 0;
	size_t i, found = 0;

	begin(checking);
	for (i = 0; i < table->count; i++) {
		if (cmd_dkim_matches(&checking->dkim, &table->entries[i])) {
			check_entry(checking, &table->entries[i]);
			found++;
		}
		if (progress && table->count > KEYS_PER_PROGRESS)
			show_progress(i + 1, table->count);
	}
	if (check_unused(checking, err_r) < 0)
		return -1;
	if (found == 0 && checking->findings == 0 &&
	    checking->dkim.domain != NULL)
		return cmd_dkim_unknown(&checking->dkim, err_r);
	if (checking->findings > 0)
		return 1;
	return checking->outages > 0 ? EX_TEMPFAIL : 0;
}

int cmd_dkim_check(const struct call *call, struct error *err_r)
{
	struct checking checking = { .now = time(NULL) };
	int result = cmd_dkim_init(&checking.dkim, call, false, true, err_r);

	if (result == 0)
		result = check_all(&checking, err_r);
	cmd_dkim_release(&checking.dkim);
	return result;
}
