#include "milter-dkim/keys.h"

#include "common/dkim-table.h"
#include "common/error.h"
#include "common/mem.h"

#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

struct keys {
	struct key *keys; /* by domain, then algorithm */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct key *left = a, *right = b;
	int order = strcmp(left->domain, right->domain);

	return order != 0 ? order
			  : (int)left->algorithm - (int)right->algorithm;
}

static int add_key(struct keys *keys, const struct dkim_table_entry *entry,
		   const char *table_path, struct error *err_r)
{
	struct key *key = &keys->keys[keys->count];
	char *path = dkim_table_key_path(table_path, entry);
	EVP_PKEY *pkey = NULL;
	int result;

	result = dkim_key_load(&pkey, path, entry->algorithm, err_r);
	free(path);
	if (result < 0)
		return error_prefix(err_r, "%s: selector %s of %s", table_path,
				    entry->selector, entry->domain);
	if (entry->state == DKIM_ACTIVE) {
		key->domain = mem_strdup(entry->domain);
		key->selector = mem_strdup(entry->selector);
		key->algorithm = entry->algorithm;
		key->pkey = pkey;
		keys->count++;
	} else {
		EVP_PKEY_free(pkey);
	}
	return 0;
}

int keys_load(struct keys **keys_r, const char *table_path, struct error *err_r)
{
	struct dkim_table table;
	struct keys *keys;
	int result = 0;
	size_t i;

	if (dkim_table_load(&table, table_path, err_r) < 0)
		return -1;
	keys = mem_alloc(sizeof(*keys));
	keys->keys = mem_array(table.count, sizeof(*keys->keys));
	for (i = 0; i < table.count && result == 0; i++) {
		if (table.entries[i].state != DKIM_RETIRED)
			result = add_key(keys, &table.entries[i], table_path,
					 err_r);
	}
	dkim_table_release(&table);
	if (result < 0) {
		keys_free(&keys);
		return -1;
	}
	qsort(keys->keys, keys->count, sizeof(*keys->keys), compare);
	*keys_r = keys;
	return 0;
}

void keys_free(struct keys **keys)
{
	size_t i;

	if (*keys == NULL)
		return;
	for (i = 0; i < (*keys)->count; i++) {
		struct key *key = &(*keys)->keys[i];

		mem_free_string(&key->domain);
		mem_free_string(&key->selector);
		EVP_PKEY_free(key->pkey);
	}
	free((*keys)->keys);
	free(*keys);
	*keys = NULL;
}

size_t keys_find(const struct keys *keys, const char *domain,
		 const struct key **first_r)
{
	size_t low = 0, high = keys->count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(keys->keys[middle].domain, domain) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first_r = &keys->keys[low];
	while (low + count < keys->count &&
	       strcmp(keys->keys[low + count].domain, domain) == 0)
		count++;
	return count;
}

size_t keys_count(const struct keys *keys)
{
	return keys->count;
}
