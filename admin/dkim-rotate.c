#include "admin/dkim-rotate.h"

#include "admin/dkim-dns.h"
#include "admin/dkim-publish.h"
#include "admin/dkim-store.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

/* A table may have 100,000 lines: it is not written for each that changes. */
#define SECONDS_UNSAVED_MAX 5

/* So long may DNS leave questions unanswered in one run: no more are asked. */
#define SECONDS_UNANSWERED_MAX 60

/* To be told when the table is saved. */
struct news {
	enum dkim_event event;
	size_t number; /* of the entry */
};

struct rotation {
	struct dkim_store *store;
	const struct dkim_rotate_options *options;
	struct dkim_rotate_result result;
	time_t now;
	time_t unanswered; /* seconds */
	time_t unsaved;	   /* since then; 0: all is saved */
	size_t first_new;  /* entry that was not published yet */
	bool publisher_hangs;
	struct news *news;
	size_t news_count;
};

const char *dkim_event_name(enum dkim_event event)
{
	static const char *const names[] = {
		[DKIM_EVENT_GENERATED] = "generated",
		[DKIM_EVENT_WAITS] = "waits",
		[DKIM_EVENT_ACTIVATED] = "activated",
		[DKIM_EVENT_RETIRED] = "retired",
		[DKIM_EVENT_REMOVED] = "removed",
	};

	return names[event];
}

static struct dkim_table_entry *
entry_at(const struct rotation *rotation, size_t number)
{
	return &rotation->store->table.entries[number];
}

static void note(struct rotation *rotation, enum dkim_event event,
		 const struct dkim_table_entry *entry)
{
	rotation->news = mem_resize(rotation->news, rotation->news_count + 1,
				    sizeof(*rotation->news));
	rotation->news[rotation->news_count++] = (struct news){
		.event = event,
		.number = (size_t)(entry - rotation->store->table.entries),
	};
	if (rotation->unsaved == 0 && event != DKIM_EVENT_WAITS)
		rotation->unsaved = time(NULL);
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

static void publish_new(struct rotation *rotation)
{
	const struct dkim_table *table = &rotation->store->table;

	if (rotation->options->publish_command[0] == NULL)
		rotation->first_new = table->count;
	for (; rotation->first_new < table->count; rotation->first_new++) {
		const struct dkim_table_entry *entry =
			&table->entries[rotation->first_new];
		struct error why;
		char *record;

		if (dkim_store_record(&record, rotation->store, entry, &why) <
		    0) {
			trouble(rotation, entry, &why);
			continue;
		}
		publish(rotation, entry, record);
		mem_free_string(&record);
	}
}

static int save(struct rotation *rotation, struct error *err_r)
{
	size_t i;

	/* New keys stay if it fails: the table on disk may name them. */
	if (rotation->unsaved != 0 &&
	    dkim_store_save(rotation->store, err_r) < 0)
		return -1;
	rotation->unsaved = 0;
	for (i = 0; i < rotation->news_count; i++)
		rotation->options->tell(
			rotation->options->context, rotation->news[i].event,
			entry_at(rotation, rotation->news[i].number));
	rotation->news_count = 0;
	publish_new(rotation);
	return 0;
}

static void replace(struct rotation *rotation, size_t number)
{
	const struct dkim_table_entry *old = entry_at(rotation, number);
	struct dkim_store *store = rotation->store;
	struct error why;
	char *selector;

	selector =
		dkim_store_dated_selector(store, old->domain, old->algorithm);
	if (dkim_store_add(store, old->domain, selector, old->algorithm,
			   old->subdomains, &why) < 0)
		trouble(rotation, old, &why);
	else
		note(rotation, DKIM_EVENT_GENERATED,
		     entry_at(rotation, store->table.count - 1));
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
	time_t before = time(NULL);

	if (rotation->unanswered > SECONDS_UNANSWERED_MAX) {
		error_set_as(why_r, EX_TEMPFAIL,
			     "%s: not asked for, since DNS does not answer",
			     name);
		result = DKIM_DNS_FAILED;
	} else {
		result = dkim_dns_check(&found, name, record, why_r);
		if (result == DKIM_DNS_FAILED)
			rotation->unanswered += time(NULL) - before;
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
		note(rotation, DKIM_EVENT_WAITS, entry);
	}
}

static void activate(struct rotation *rotation,
		     struct dkim_table_entry *pending,
		     struct dkim_table_entry *active)
{
	dkim_life_begin(pending, DKIM_ACTIVE, rotation->now);
	note(rotation, DKIM_EVENT_ACTIVATED, pending);
	if (active != NULL) {
		dkim_life_begin(active, DKIM_RETIRED, rotation->now);
		note(rotation, DKIM_EVENT_RETIRED, active);
	}
}

static void try_pending(struct rotation *rotation,
			struct dkim_table_entry *pending,
			struct dkim_table_entry *active)
{
	enum dkim_dns_result result;
	struct error why;
	char *record;

	if (dkim_store_record(&record, rotation->store, pending, &why) < 0) {
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

/* numbers: of the domain's entries. */
static void
rotate_domain(struct rotation *rotation, const size_t *numbers, size_t count)
{
	const struct dkim_table *table = &rotation->store->table;
	int i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		struct dkim_table_entry *active, *pending;

		dkim_life_choose(&active, &pending, table, numbers, count,
				 (enum dkim_algorithm)i);
		if (pending != NULL)
			try_pending(rotation, pending, active);
		else if (active != NULL &&
			 rotation->now - active->since >=
				 rotation->options->terms.every)
			replace(rotation, (size_t)(active - table->entries));
	}
}

static bool is_wanted(const struct rotation *rotation, const char *domain)
{
	char *const *wanted = rotation->options->domains;

	if (wanted[0] == NULL)
		return true;
	while (*wanted != NULL && strcmp(*wanted, domain) != 0)
		wanted++;
	return *wanted != NULL;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct dkim_table_entry *entries = context;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	int order = strcmp(entries[left].domain, entries[right].domain);

	return order != 0 ? order : (left > right) - (left < right);
}

static int rotate_all(struct rotation *rotation, const size_t *numbers,
		      size_t count, struct error *err_r)
{
	const struct dkim_rotate_options *options = rotation->options;
	size_t i, same;

	for (i = 0; i < count; i += same) {
		const char *domain = entry_at(rotation, numbers[i])->domain;

		for (same = 1; i + same < count; same++) {
			if (strcmp(entry_at(rotation, numbers[i + same])
					   ->domain,
				   domain) != 0)
				break;
		}
		rotate_domain(rotation, &numbers[i], same);
		if (options->progress != NULL)
			options->progress(options->context, i + same, count);
		if (rotation->unsaved != 0 &&
		    time(NULL) - rotation->unsaved >= SECONDS_UNSAVED_MAX &&
		    save(rotation, err_r) < 0)
			return -1;
	}
	return save(rotation, err_r);
}

static bool
remove_key(struct rotation *rotation, struct dkim_table_entry *entry)
{
	struct dkim_table_entry copy = *entry;
	struct error why;

	if (rotation->publisher_hangs)
		return false;
	if (dkim_publish(rotation->options->publish_command, entry, NULL,
			 &why) < 0) {
		rotation->publisher_hangs = why.sysexit == EX_TEMPFAIL;
		trouble(rotation, entry, &why);
		return false;
	}
	copy.domain = mem_strdup(entry->domain);
	copy.selector = mem_strdup(entry->selector);
	if (dkim_store_drop(rotation->store, entry, &why) < 0)
		trouble(rotation, &copy, &why);
	else
		rotation->options->tell(rotation->options->context,
					DKIM_EVENT_REMOVED, &copy);
	mem_free_string(&copy.domain);
	mem_free_string(&copy.selector);
	return entry->domain == NULL;
}

/*
 * Saved once at the end: killed before, the next run finds entries without a
 * key, which are no trouble as they are retired, and removes them.
 */
static int remove_all(struct rotation *rotation, struct error *err_r)
{
	struct dkim_table *table = &rotation->store->table;
	bool removed = false;
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct dkim_table_entry *entry = &table->entries[i];

		if (is_wanted(rotation, entry->domain) &&
		    dkim_life_is_over(entry, &rotation->options->terms,
				      rotation->now) &&
		    remove_key(rotation, entry))
			removed = true;
	}
	if (!removed)
		return 0;
	dkim_table_compact(table);
	return dkim_store_save(rotation->store, err_r);
}

int dkim_rotate(struct dkim_rotate_result *result_r, struct dkim_store *store,
		const struct dkim_rotate_options *options, struct error *err_r)
{
	struct rotation rotation = {
		.store = store,
		.options = options,
		.now = time(NULL),
		.first_new = store->table.count,
	};
	size_t *numbers = mem_array(store->table.count, sizeof(*numbers));
	size_t count = 0, i;
	int result;

	for (i = 0; i < store->table.count; i++) {
		if (is_wanted(&rotation, store->table.entries[i].domain))
			numbers[count++] = i;
	}
	if (count > 0)
		qsort_r(numbers, count, sizeof(*numbers), compare,
			store->table.entries);
	result = rotate_all(&rotation, numbers, count, err_r);
	if (result == 0)
		result = remove_all(&rotation, err_r);
	*result_r = rotation.result;
	free(rotation.news);
	free(numbers);
	return result;
}
