#include "admin/dkim-rotate.h"

#include "admin/dkim-rotation.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * A run may take hours, for 100,000 domains: the table is saved and let go
 * after so many seconds, for other commands.
 */
#define BATCH_SECONDS 5

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

static bool is_wanted(const struct rotation *rotation, const char *domain)
{
	char *const *wanted = rotation->options->domains;

	if (wanted[0] == NULL)
		return true;
	while (*wanted != NULL && strcmp(*wanted, domain) != 0)
		wanted++;
	return *wanted != NULL;
}

/* The wanted entries from a domain on (NULL: all), the caller's. */
static size_t *list_entries(size_t *count_r, const struct rotation *rotation,
			    const char *first)
{
	const struct dkim_table *table = &rotation->store.table;
	size_t *numbers = mem_array(table->count, sizeof(*numbers));
	size_t count = 0, i;

	for (i = 0; i < table->count; i++) {
		const char *domain = table->entries[i].domain;

		if ((first == NULL || strcmp(domain, first) >= 0) &&
		    is_wanted(rotation, domain))
			numbers[count++] = i;
	}
	*count_r = count;
	return numbers;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct dkim_table_entry *entries = context;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	int order = strcmp(entries[left].domain, entries[right].domain);

	return order != 0 ? order : (left > right) - (left < right);
}

/* How many of the first numbers are of one domain. */
static size_t
count_same(const struct dkim_table *table, const size_t *numbers, size_t count)
{
	size_t same = 1;

	while (same < count && strcmp(table->entries[numbers[same]].domain,
				      table->entries[numbers[0]].domain) == 0)
		same++;
	return same;
}

/* Domains from *next on, which is then where to go on, or NULL at the end. */
static int
rotate_batch(struct rotation *rotation, char **next, struct error *err_r)
{
	const struct dkim_rotate_options *options = rotation->options;
	struct dkim_store *store = &rotation->store;
	size_t count, done = 0;
	time_t end;
	size_t *numbers = list_entries(&count, rotation, *next);

	rotation->now = time(NULL);
	rotation->changed = false;
	if (count > 0)
		qsort_r(numbers, count, sizeof(*numbers), compare,
			store->table.entries);
	end = rotation_clock() + BATCH_SECONDS;
	while (done < count && rotation_clock() < end) {
		size_t same =
			count_same(&store->table, &numbers[done], count - done);

		rotation_step(rotation, &numbers[done], same);
		done += same;
		if (options->progress != NULL)
			options->progress(options->context,
					  rotation->seen + done,
					  rotation->seen + count);
	}
	rotation->seen += done;
	mem_free_string(next);
	if (done < count)
		*next = mem_strdup(store->table.entries[numbers[done]].domain);
	free(numbers);
	if (!rotation->changed)
		return 0;
	dkim_table_compact(&store->table);
	/* New keys stay if it fails: the table on disk may name them. */
	return dkim_store_save(store, err_r);
}

/* Who waits for the lock must have it in between. */
static void pause_for_others(void)
{
	static const struct timespec moment = { .tv_nsec = 20000000 };

	(void)nanosleep(&moment, NULL);
}

int dkim_rotate(struct dkim_rotate_result *result_r, const char *path,
		const struct dkim_rotate_options *options, struct error *err_r)
{
	struct rotation rotation = { .options = options };
	char *next = NULL;
	int result;

	do {
		if (next != NULL)
			pause_for_others();
		result = dkim_store_open(&rotation.store, path, true, err_r);
		if (result < 0)
			break;
		result = rotate_batch(&rotation, &next, err_r);
		dkim_store_close(&rotation.store);
		if (result == 0)
			rotation_tell(&rotation);
	} while (result == 0 && next != NULL);
	rotation_forget(&rotation);
	mem_free_string(&next);
	*result_r = rotation.result;
	return result;
}
