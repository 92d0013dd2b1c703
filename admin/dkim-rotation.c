#include "admin/dkim-rotation.h"

#include "admin/dkim-dns.h"
#include "admin/dkim-publish.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

/* So long may DNS leave questions unanswered in one run: no more are asked. */
#define SECONDS_UNANSWERED_MAX 60

/* To be told when the table is saved. */
struct news {
	enum dkim_event event;
	struct dkim_table_entry entry; /* a copy */
	char *record;		       /* to be published, or NULL */
};

time_t rotation_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void note(struct rotation *rotation, enum dkim_event event,
		 const struct dkim_table_entry *entry, char *record)
{
	struct news news = {
		.event = event,
		.entry = *entry,
		.record = record,
	};

	news.entry.domain = mem_strdup(entry->domain);
	news.entry.selector = mem_strdup(entry->selector);
	news.entry.path = mem_strdup(entry->path);
	rotation->news = mem_resize(rotation->news, rotation->news_count + 1,
				    sizeof(*rotation->news));
	rotation->news[rotation->news_count++] = news;
	rotation->changed |= event != DKIM_EVENT_WAITS;
}

static void complain(struct rotation *rotation,
		     const struct dkim_table_entry *entry, size_t *count,
		     const struct error *why)
{
	(*count)++;
	rotation->options->complain(rotation->options->context, entry->domain,
				    why);
}

static void trouble(struct rotation *rotation,
		    const struct dkim_table_entry *entry,
		    const struct error *why)
{
	complain(rotation, entry, &rotation->result.troubles, why);
}

/* Once more does no harm: that is asked of the command. */
static void publish(struct rotation *rotation,
		    const struct dkim_table_entry *entry, const char *record)
{
	struct error why;

	if (rotation->publisher_hangs ||
	    dkim_publish(rotation->options->publish_command, entry, record,
			 &why) == 0)
		return;
	rotation->publisher_hangs = why.sysexit == EX_TEMPFAIL;
	trouble(rotation, entry, &why);
}

void rotation_tell(struct rotation *rotation)
{
	const struct dkim_rotate_options *options = rotation->options;
	size_t i;

	for (i = 0; i < rotation->news_count; i++)
		options->tell(options->context, rotation->news[i].event,
			      &rotation->news[i].entry);
	for (i = 0; i < rotation->news_count; i++) {
		if (rotation->news[i].record != NULL)
			publish(rotation, &rotation->news[i].entry,
				rotation->news[i].record);
	}
	rotation_forget(rotation);
}

void rotation_forget(struct rotation *rotation)
{
	size_t i;

	for (i = 0; i < rotation->news_count; i++) {
		dkim_table_entry_release(&rotation->news[i].entry);
		mem_free_string(&rotation->news[i].record);
	}
	free(rotation->news);
	rotation->news = NULL;
	rotation->news_count = 0;
}

static void
replace(struct rotation *rotation, const struct dkim_table_entry *active)
{
	struct dkim_store *store = &rotation->store;
	/* The table's entries may move when there is one more. */
	struct dkim_table_entry old = *active;
	const struct dkim_table_entry *new;
	char *selector, *record;
	struct error why;

	selector = dkim_store_dated_selector(store, old.domain, old.algorithm);
	if (dkim_store_add(store, old.domain, selector, old.algorithm,
			   old.subdomains, &why) < 0)
		trouble(rotation, &old, &why);
	else {
		new = &store->table.entries[store->table.count - 1];
		if (dkim_store_record(&record, store, new, &why) < 0) {
			trouble(rotation, new, &why);
			record = NULL;
		}
		note(rotation, DKIM_EVENT_GENERATED, new, record);
	}
	mem_free_string(&selector);
}

/* DNS, unless it has been asked in vain for too long. */
static enum dkim_dns_result ask(struct rotation *rotation,
				struct dkim_table_entry *entry,
				const char *record, struct error *why_r)
{
	char *name = dkim_record_name(entry);
	struct dkim_dns_found found;
	enum dkim_dns_result result;
	time_t before = rotation_clock();

	if (rotation->unanswered > SECONDS_UNANSWERED_MAX) {
		error_set_as(why_r, EX_TEMPFAIL,
			     "%s: not asked for, since DNS does not answer",
			     name);
		result = DKIM_DNS_FAILED;
	} else {
		result = dkim_dns_check(&found, name, record, why_r);
		if (result == DKIM_DNS_FAILED)
			rotation->unanswered += rotation_clock() - before;
		if (result == DKIM_DNS_RIGHT)
			dkim_life_see_ttl(entry, found.ttl);
	}
	mem_free_string(&name);
	return result;
}

static void
wait_on(struct rotation *rotation, const struct dkim_table_entry *entry,
	enum dkim_dns_result result, const char *record, struct error *why)
{
	char since[DATE_TEXT_SIZE];

	if (result != DKIM_DNS_FAILED)
		publish(rotation, entry, record);
	if (rotation->now - entry->since >= rotation->options->terms.within) {
		date_format(since, entry->since);
		error_prefix(why, "waits for its record since %s", since);
		trouble(rotation, entry, why);
	} else if (result == DKIM_DNS_FAILED) {
		complain(rotation, entry, &rotation->result.outages, why);
	} else {
		note(rotation, DKIM_EVENT_WAITS, entry, NULL);
	}
}

static void activate(struct rotation *rotation,
		     struct dkim_table_entry *pending,
		     struct dkim_table_entry *active)
{
	dkim_life_begin(pending, DKIM_ACTIVE, rotation->now);
	note(rotation, DKIM_EVENT_ACTIVATED, pending, NULL);
	if (active != NULL) {
		dkim_life_begin(active, DKIM_RETIRED, rotation->now);
		note(rotation, DKIM_EVENT_RETIRED, active, NULL);
	}
}

static void try_pending(struct rotation *rotation,
			struct dkim_table_entry *pending,
			struct dkim_table_entry *active)
{
	enum dkim_dns_result result;
	struct error why;
	char *record;

	if (dkim_store_record(&record, &rotation->store, pending, &why) < 0) {
		trouble(rotation, pending, &why);
		return;
	}
	result = ask(rotation, pending, record, &why);
	if (result == DKIM_DNS_RIGHT)
		activate(rotation, pending, active);
	else
		wait_on(rotation, pending, result, record, &why);
	mem_free_string(&record);
}

/*
 * Killed before the table is saved, the next run finds an entry without a key,
 * which is no trouble as it is retired, and removes that.
 */
static void
remove_key(struct rotation *rotation, struct dkim_table_entry *entry)
{
	struct error why;

	if (rotation->publisher_hangs)
		return;
	if (dkim_publish(rotation->options->publish_command, entry, NULL,
			 &why) < 0) {
		rotation->publisher_hangs = why.sysexit == EX_TEMPFAIL;
		trouble(rotation, entry, &why);
	} else if (dkim_store_remove_key(&rotation->store, entry, &why) < 0) {
		trouble(rotation, entry, &why);
	} else {
		note(rotation, DKIM_EVENT_REMOVED, entry, NULL);
		dkim_table_entry_release(entry);
	}
}

static void step_algorithm(struct rotation *rotation, const size_t *numbers,
			   size_t count, enum dkim_algorithm algorithm)
{
	const struct dkim_table *table = &rotation->store.table;
	struct dkim_table_entry *active, *pending;

	dkim_life_choose(&active, &pending, table, numbers, count, algorithm);
	if (pending != NULL)
		try_pending(rotation, pending, active);
	else if (active != NULL && rotation->now - active->since >=
					   rotation->options->terms.every)
		replace(rotation, active);
}

void rotation_step(struct rotation *rotation, const size_t *numbers,
		   size_t count)
{
	size_t i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++)
		step_algorithm(rotation, numbers, count,
			       (enum dkim_algorithm)i);
	for (i = 0; i < count; i++) {
		struct dkim_table_entry *entry =
			&rotation->store.table.entries[numbers[i]];

		if (dkim_life_is_over(entry, &rotation->options->terms,
				      rotation->now))
			remove_key(rotation, entry);
	}
}
