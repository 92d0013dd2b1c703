#include "admin/commands.h"

#include "admin/call.h"
#include "admin/dkim-dns.h"
#include "admin/dkim-store.h"
#include "admin/output.h"
#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

/* RFC 1035 3.3: of one character-string. */
#define TXT_STRING_MAX 255

static const char reload_hint[] = "systemctl reload milter-dkim";

static int open_store(struct dkim_store *store_r, const struct call *call,
		      bool change, struct error *err_r)
{
	const char *path = call_option(call, "table");

	return dkim_store_open(store_r,
			       path != NULL ? path : DKIM_TABLE_DEFAULT, change,
			       err_r);
}

static char *record_name(const struct dkim_table_entry *entry)
{
	return mem_printf("%s._domainkey.%s", entry->selector, entry->domain);
}

/* One resource record as zone text: RFC 1035 5.1. */
static void print_record(FILE *out, const struct dkim_table_entry *entry,
			 const char *record)
{
	char *name = record_name(entry);
	size_t len = strlen(record), i;

	(void)fprintf(out, "%s. IN TXT (", name);
	for (i = 0; i < len; i += TXT_STRING_MAX)
		(void)fprintf(out, "\n\t\"%.*s\"", TXT_STRING_MAX, record + i);
	(void)fprintf(out, " )\n");
	mem_free_string(&name);
}

static int show_entry(const struct call *call, const struct dkim_store *store,
		      const struct dkim_table_entry *entry, struct error *err_r)
{
	char *record, *name;

	if (dkim_store_record(&record, store, entry, err_r) < 0)
		return -1;
	if (output_is_json(call->out)) {
		name = record_name(entry);
		output_string(call->out, entry->domain);
		output_string(call->out, entry->selector);
		output_string(call->out, dkim_algorithm_name(entry->algorithm));
		output_string(call->out, dkim_state_name(entry->state));
		output_string(call->out, name);
		output_string(call->out, record);
		mem_free_string(&name);
	} else {
		print_record(output_file(call->out), entry, record);
	}
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

/* "2026-11-rsa", or with "-2" and so on behind it where that is taken. */
static char *dated_selector(const struct dkim_store *store, const char *domain,
			    enum dkim_algorithm algorithm)
{
	time_t now = time(NULL);
	char month[16];
	unsigned int number;
	struct tm tm;
	char *selector;

	(void)gmtime_r(&now, &tm);
	(void)strftime(month, sizeof(month), "%Y-%m", &tm);
	selector = mem_printf("%s-%s", month, dkim_algorithm_name(algorithm));
	for (number = 2; !dkim_store_free(store, domain, selector); number++) {
		mem_free_string(&selector);
		selector = mem_printf("%s-%s-%u", month,
				      dkim_algorithm_name(algorithm), number);
	}
	return selector;
}

/* What is to be made: one algorithm, or all. */
struct generation {
	char *domain;
	char *selector; /* NULL: dated */
	bool wanted[DKIM_ALGORITHM_COUNT];
	bool several;
};

static int read_generation(struct generation *generation,
			   const struct call *call, struct error *err_r)
{
	const char *algorithm = call_option(call, "algorithm");
	const char *selector = call_option(call, "selector");
	enum dkim_algorithm one;

	if (address_domain_parse(&generation->domain, call->argv[0], err_r) < 0)
		return -1;
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

static int generate_one(struct dkim_store *store,
			const struct generation *generation,
			enum dkim_algorithm algorithm, struct error *err_r)
{
	char *selector;
	int result;

	if (generation->selector == NULL)
		selector = dated_selector(store, generation->domain, algorithm);
	else if (generation->several)
		selector = mem_printf("%s-%s", generation->selector,
				      dkim_algorithm_name(algorithm));
	else
		selector = mem_strdup(generation->selector);
	if (dkim_table_find(&store->table, generation->domain, selector) !=
	    NULL)
		result = error_set(err_r, "%s has a selector %s already",
				   generation->domain, selector);
	else
		result = dkim_store_add(store, generation->domain, selector,
					algorithm, err_r);
	mem_free_string(&selector);
	return result;
}

static int show_generated(const struct call *call,
			  const struct dkim_store *store, size_t first,
			  struct error *err_r)
{
	FILE *out = output_file(call->out);
	size_t i;

	begin_entries(call);
	for (i = first; i < store->table.count; i++) {
		if (show_entry(call, store, &store->table.entries[i], err_r) <
		    0)
			return -1;
	}
	if (output_is_json(call->out))
		return 0;
	(void)fprintf(out,
		      "; Publish the above. When the name servers have it, "
		      "sign with it:\n");
	for (i = first; i < store->table.count; i++)
		(void)fprintf(out, ";   countersign dkim activate %s %s\n",
			      store->table.entries[i].domain,
			      store->table.entries[i].selector);
	return 0;
}

int cmd_dkim_generate(const struct call *call, struct error *err_r)
{
	struct generation generation = { .domain = NULL };
	struct dkim_store store = { .lock = -1 };
	bool made = false;
	size_t first = 0;
	int result = -1, i;

	if (read_generation(&generation, call, err_r) < 0 ||
	    open_store(&store, call, true, err_r) < 0)
		goto out;
	first = store.table.count;
	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		if (generation.wanted[i] &&
		    generate_one(&store, &generation, (enum dkim_algorithm)i,
				 err_r) < 0)
			goto out;
	}
	/* From here on the table may name them. */
	made = true;
	if (dkim_store_save(&store, err_r) < 0)
		goto out;
	result = show_generated(call, &store, first, err_r);
out:
	if (!made)
		dkim_store_discard(&store, first);
	dkim_store_close(&store);
	mem_free_string(&generation.domain);
	mem_free_string(&generation.selector);
	return result;
}

static void begin_rows(const struct call *call)
{
	static const char *const columns[] = { "domain",    "selector",
					       "algorithm", "state",
					       "key_file",  NULL };

	output_table(call->out, columns);
}

static void show_row(const struct call *call, const struct dkim_store *store,
		     const struct dkim_table_entry *entry)
{
	char *path = dkim_table_key_path(store->path, entry);

	output_string(call->out, entry->domain);
	output_string(call->out, entry->selector);
	output_string(call->out, dkim_algorithm_name(entry->algorithm));
	output_string(call->out, dkim_state_name(entry->state));
	output_string(call->out, path);
	mem_free_string(&path);
}

int cmd_dkim_list(const struct call *call, struct error *err_r)
{
	struct dkim_store store;
	size_t i;

	if (open_store(&store, call, false, err_r) < 0)
		return -1;
	begin_rows(call);
	for (i = 0; i < store.table.count; i++)
		show_row(call, &store, &store.table.entries[i]);
	dkim_store_close(&store);
	return 0;
}

/* selector NULL: any. */
static bool matches(const struct dkim_table_entry *entry, const char *domain,
		    const char *selector)
{
	return strcmp(entry->domain, domain) == 0 &&
	       (selector == NULL || strcmp(entry->selector, selector) == 0);
}

static int
set_unknown(struct error *err_r, const char *domain, const char *selector)
{
	return error_set(
		err_r, "%s has no key%s%s; \"countersign dkim list\" shows all",
		domain, selector != NULL ? " with selector " : "",
		selector != NULL ? selector : "");
}

/* The names of argv, as in the table; selector_r NULL if not given. */
static int read_names(char **domain_r, char **selector_r,
		      const struct call *call, struct error *err_r)
{
	*selector_r = NULL;
	if (address_domain_parse(domain_r, call->argv[0], err_r) < 0)
		return -1;
	if (call->argc < 2 ||
	    dkim_selector_parse(selector_r, call->argv[1], err_r) == 0)
		return 0;
	mem_free_string(domain_r);
	return -1;
}

int cmd_dkim_record(const struct call *call, struct error *err_r)
{
	struct dkim_store store = { .lock = -1 };
	char *domain, *selector;
	bool found = false;
	int result = 0;
	size_t i;

	if (read_names(&domain, &selector, call, err_r) < 0)
		return -1;
	result = open_store(&store, call, false, err_r);
	begin_entries(call);
	for (i = 0; i < store.table.count && result == 0; i++) {
		const struct dkim_table_entry *entry = &store.table.entries[i];

		if (!matches(entry, domain, selector))
			continue;
		found = true;
		result = show_entry(call, &store, entry, err_r);
	}
	if (result == 0 && !found)
		result = set_unknown(err_r, domain, selector);
	dkim_store_close(&store);
	mem_free_string(&domain);
	mem_free_string(&selector);
	return result;
}

static int check_dns(const struct dkim_store *store,
		     const struct dkim_table_entry *entry, struct error *err_r)
{
	char *name = record_name(entry), *record;
	int result = dkim_store_record(&record, store, entry, err_r);

	if (result == 0) {
		result = dkim_dns_check(name, record, err_r);
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

static void show_change(const struct call *call, const struct dkim_store *store,
			const struct dkim_table_entry *retired,
			const struct dkim_table_entry *active)
{
	FILE *out = output_file(call->out);

	if (output_is_json(call->out)) {
		begin_rows(call);
		if (retired != NULL)
			show_row(call, store, retired);
		show_row(call, store, active);
		return;
	}
	if (retired != NULL)
		(void)fprintf(out,
			      "%s %s is retired; keep its record in DNS "
			      "until the mail that it signed has arrived\n",
			      retired->domain, retired->selector);
	(void)fprintf(out, "%s %s is active; to sign with it: %s\n",
		      active->domain, active->selector, reload_hint);
}

static void set_state(struct dkim_table_entry *entry, enum dkim_state state)
{
	if (entry->state != state)
		entry->since = time(NULL);
	entry->state = state;
}

/* One key of an algorithm signs: the one before it retires. */
static int activate_entry(const struct call *call, struct dkim_store *store,
			  struct dkim_table_entry *entry, struct error *err_r)
{
	struct dkim_table_entry *before = find_active(store, entry);

	if (before == entry)
		before = NULL;
	if (before != NULL)
		set_state(before, DKIM_RETIRED);
	set_state(entry, DKIM_ACTIVE);
	if (dkim_store_save(store, err_r) < 0)
		return -1;
	show_change(call, store, before, entry);
	return 0;
}

int cmd_dkim_activate(const struct call *call, struct error *err_r)
{
	struct dkim_store store = { .lock = -1 };
	struct dkim_table_entry *entry;
	char *domain, *selector;
	int result;

	if (read_names(&domain, &selector, call, err_r) < 0)
		return -1;
	result = open_store(&store, call, true, err_r);
	if (result < 0)
		goto out;
	entry = dkim_table_find(&store.table, domain, selector);
	if (entry == NULL) {
		result = set_unknown(err_r, domain, selector);
		goto out;
	}
	if (call_option(call, "force") == NULL &&
	    check_dns(&store, entry, err_r) < 0)
		result = error_prefix(err_r, "not activated (--force does it "
					     "all the same)");
	else
		result = activate_entry(call, &store, entry, err_r);
out:
	dkim_store_close(&store);
	mem_free_string(&domain);
	mem_free_string(&selector);
	return result;
}
