#include "milter-dkim/keys.h"

#include "common/dkim-table.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/key.h"
#include "milter-dkim/signing-key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct keys {
	struct key **keys; /* as key_compare() sorts them */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return key_compare(*(struct key *const *)a, *(struct key *const *)b);
}

/*
 * Put the old key where the new one is the same; what is left is listed in
 * fresh. Both are sorted.
 */
static size_t
reuse(struct keys *keys, const struct keys *old, struct key **fresh)
{
	size_t count = 0, i, at = 0;

	for (i = 0; i < keys->count; i++) {
		struct key *key = keys->keys[i];

		while (at < old->count && key_compare(old->keys[at], key) < 0)
			at++;
		if (at < old->count && key_is_unchanged(old->keys[at], key)) {
			shared_hold(&old->keys[at]->shared);
			key_release(&keys->keys[i]);
			keys->keys[i] = old->keys[at];
		} else {
			fresh[count++] = key;
		}
	}
	return count;
}

/* They are wanted soon, unless they are many. */
static int
read_fresh(struct keys *keys, const struct keys *old, struct error *err_r)
{
	static const struct keys none = { .count = 0 };
	struct key **fresh = mem_array(keys->count, sizeof(struct key *));
	size_t count = reuse(keys, old != NULL ? old : &none, fresh), i;
	int result = 0;

	for (i = 0; count <= KEYS_READ_AT_LOAD && i < count && result == 0;
	     i++) {
		struct signing_key *private;

		result = key_take(&private, fresh[i], err_r);
		if (result == 0)
			signing_key_release(&private);
	}
	free(fresh);
	return result;
}

static int read_table(struct keys *keys, const char *path,
		      const struct keys *old, struct error *err_r)
{
	struct dkim_table table;
	int result = 0;
	size_t i;

	if (dkim_table_load(&table, path, err_r) < 0)
		return -1;
	keys->keys = mem_array(table.count, sizeof(struct key *));
	for (i = 0; i < table.count && result == 0; i++) {
		if (table.entries[i].state == DKIM_RETIRED)
			continue;
		result = key_new(&keys->keys[keys->count], &table.entries[i],
				 path, err_r);
		keys->count += result == 0;
	}
	dkim_table_release(&table);
	if (result == 0) {
		qsort(keys->keys, keys->count, sizeof(struct key *), compare);
		result = read_fresh(keys, old, err_r);
	}
	return result < 0 ? error_prefix(err_r, "%s", path) : 0;
}

int keys_load(struct keys **keys_r, const char *table_path,
	      const struct keys *old, struct error *err_r)
{
	struct keys *keys = mem_alloc(sizeof(*keys));

	if (read_table(keys, table_path, old, err_r) < 0) {
		keys_free(&keys);
		return -1;
	}
	*keys_r = keys;
	return 0;
}

void keys_free(struct keys **keys)
{
	size_t i;

	if (*keys == NULL)
		return;
	for (i = 0; i < (*keys)->count; i++)
		key_release(&(*keys)->keys[i]);
	free((*keys)->keys);
	free(*keys);
	*keys = NULL;
}

int keys_check(const struct keys *keys, struct error *err_r)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (key_check(keys->keys[i], err_r) < 0)
			return -1;
	}
	return 0;
}

/* Where the first key of the domain stands, or would. */
static size_t find_first(const struct keys *keys, const char *domain)
{
	size_t low = 0, high = keys->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(keys->keys[middle]->domain, domain) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* No more than one of an algorithm is active. */
static size_t find_active(const struct keys *keys, const char *domain,
			  bool for_subdomain,
			  struct key *found_r[DKIM_ALGORITHM_COUNT])
{
	size_t count = 0, i;

	for (i = find_first(keys, domain); i < keys->count; i++) {
		struct key *key = keys->keys[i];

		if (strcmp(key->domain, domain) != 0 || !key->active)
			break;
		if (key->subdomains || !for_subdomain)
			found_r[count++] = key;
	}
	return count;
}

/*
 * A domain's own keys that are pending or retired keep no parent's from
 * signing: a key that is only made, or gone, must not leave mail unsigned.
 */
size_t keys_find(const struct keys *keys, const char *domain,
		 struct key *found_r[DKIM_ALGORITHM_COUNT])
{
	size_t count = find_active(keys, domain, false, found_r);

	while (count == 0 && (domain = strchr(domain, '.')) != NULL)
		count = find_active(keys, ++domain, true, found_r);
	return count;
}
