#include "admin/dkim-store.h"

#include "admin/dkim-origin.h"
#include "admin/files.h"
#include "admin/lock.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <openssl/evp.h>

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static const struct files_access folder_access = {
	.group = "milter-dkim",
	.mode = 0750,
	.without_group = 0700,
};

static const struct files_access file_access = {
	.group = "milter-dkim",
	.mode = 0640,
	.without_group = 0600,
};

static int make_folder(const char *path, struct error *err_r)
{
	if (files_make_folder(path, folder_access.without_group, err_r) < 0)
		return -1;
	return files_give(path, &folder_access, err_r);
}

static bool is_missing(const char *path)
{
	return access(path, F_OK) < 0 && errno == ENOENT;
}

static int check_origin(const char *folder, struct error *err_r)
{
	char *other;

	if (dkim_origin_read(&other, folder, err_r) < 0)
		return -1;
	if (other == NULL)
		return 0;
	error_set_as(err_r, EX_UNAVAILABLE,
		     "%s follows the keys of %s: change them there; for this "
		     "host to change them from now on, remove %s/origin",
		     folder, other, folder);
	mem_free_string(&other);
	return -1;
}

int dkim_store_open(struct dkim_store *store_r, const char *path, bool change,
		    struct error *err_r)
{
	struct dkim_store store = { .path = mem_strdup(path), .lock = -1 };
	char *copy = mem_strdup(path);
	int result = 0;

	store.folder = mem_strdup(dirname(copy));
	free(copy);
	/* One that is there may be anybody's: --table names it. */
	if (change && ((access(store.folder, F_OK) < 0 &&
			make_folder(store.folder, err_r) < 0) ||
		       lock_take(&store.lock, store.folder, err_r) < 0 ||
		       check_origin(store.folder, err_r) < 0))
		result = -1;
	else if (!is_missing(path))
		result = dkim_table_load(&store.table, path, err_r);
	if (result < 0)
		dkim_store_close(&store);
	else
		*store_r = store;
	return result;
}

void dkim_store_close(struct dkim_store *store)
{
	dkim_table_release(&store->table);
	mem_free_string(&store->path);
	mem_free_string(&store->folder);
	lock_release(&store->lock);
}

static int write_key(const char *path, EVP_PKEY *pkey, struct error *err_r)
{
	char *pem = NULL;
	int result = dkim_key_pem(&pem, pkey, err_r);

	if (result < 0)
		return -1;
	if (access(path, F_OK) < 0) {
		result = files_write(path, pem, strlen(pem), err_r);
		if (result == 0)
			result = files_give(path, &file_access, err_r);
		if (result < 0)
			(void)unlink(path);
	} else {
		result = error_set_as(err_r, EX_CANTCREAT,
				      "%s: is there already; name another "
				      "selector, or remove it",
				      path);
	}
	mem_wipe_string(&pem);
	return result;
}

static int make_key(const struct dkim_store *store, const char *domain,
		    const char *name, enum dkim_algorithm algorithm,
		    struct error *err_r)
{
	char *folder = mem_printf("%s/%s", store->folder, domain);
	char *path = mem_printf("%s/%s", store->folder, name);
	EVP_PKEY *pkey = NULL;
	int result = -1;

	/* Given each time: who made it may have been killed before that. */
	if (make_folder(folder, err_r) == 0 &&
	    dkim_key_generate(&pkey, algorithm, err_r) == 0 &&
	    write_key(path, pkey, err_r) == 0 && files_sync(folder, err_r) == 0)
		result = 0;
	EVP_PKEY_free(pkey);
	mem_free_string(&path);
	mem_free_string(&folder);
	return result;
}

int dkim_store_add(struct dkim_store *store, const char *domain,
		   const char *selector, enum dkim_algorithm algorithm,
		   bool subdomains, struct error *err_r)
{
	struct dkim_table *table = &store->table;
	char *name = mem_printf("%s/%s.pem", domain, selector);

	if (make_key(store, domain, name, algorithm, err_r) < 0) {
		mem_free_string(&name);
		return -1;
	}
	table->entries = mem_resize(table->entries, table->count + 1,
				    sizeof(*table->entries));
	table->entries[table->count++] = (struct dkim_table_entry){
		.domain = mem_strdup(domain),
		.selector = mem_strdup(selector),
		.algorithm = algorithm,
		.state = DKIM_PENDING,
		.since = time(NULL),
		.path = name,
		.subdomains = subdomains,
	};
	return 0;
}

void dkim_store_discard(const struct dkim_store *store, size_t first)
{
	size_t i;

	for (i = first; i < store->table.count; i++) {
		char *path = dkim_table_key_path(store->path,
						 &store->table.entries[i]);

		(void)unlink(path);
		mem_free_string(&path);
	}
}

/* Is the name free, in the table and in the folder? */
static bool is_free(const struct dkim_store *store, const char *domain,
		    const char *selector)
{
	char *path =
		mem_printf("%s/%s/%s.pem", store->folder, domain, selector);
	bool result =
		dkim_table_find(&store->table, domain, selector) == NULL &&
		access(path, F_OK) < 0;

	mem_free_string(&path);
	return result;
}

char *dkim_store_dated_selector(const struct dkim_store *store,
				const char *domain,
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
	for (number = 2; !is_free(store, domain, selector); number++) {
		mem_free_string(&selector);
		selector = mem_printf("%s-%s-%u", month,
				      dkim_algorithm_name(algorithm), number);
	}
	return selector;
}

int dkim_store_remove_key(const struct dkim_store *store,
			  const struct dkim_table_entry *entry,
			  struct error *err_r)
{
	char *own = mem_printf("%s/%s.pem", entry->domain, entry->selector);
	int result = 0;

	/* What stands elsewhere may be another entry's too. */
	if (strcmp(entry->path, own) == 0) {
		char *path = dkim_table_key_path(store->path, entry);

		result = files_remove(path, err_r);
		if (result == 0)
			(void)rmdir(dirname(path)); /* if it was the last */
		mem_free_string(&path);
	}
	mem_free_string(&own);
	return result;
}

int dkim_store_record(char **record_r, const struct dkim_store *store,
		      const struct dkim_table_entry *entry, struct error *err_r)
{
	char *path = dkim_table_key_path(store->path, entry);
	EVP_PKEY *pkey = NULL;
	int result = dkim_key_load(&pkey, path, entry->algorithm, err_r);

	if (result == 0)
		result = dkim_key_record(record_r, pkey, entry->algorithm,
					 err_r);
	EVP_PKEY_free(pkey);
	mem_free_string(&path);
	return result;
}

int dkim_store_write(const char *beside, const char *path, const char *data,
		     size_t len, struct error *err_r)
{
	if (files_remove(beside, err_r) < 0 ||
	    files_write(beside, data, len, err_r) < 0 ||
	    files_give(beside, &file_access, err_r) < 0 ||
	    files_rename(beside, path, err_r) < 0)
		return -1;
	return 0;
}

int dkim_store_save(const struct dkim_store *store, struct error *err_r)
{
	char *beside = mem_printf("%s.new", store->path);
	struct buffer text = BUFFER_INIT;
	int result = -1;

	dkim_table_format(&text, &store->table);
	if (dkim_origin_claim(store->folder, err_r) == 0 &&
	    dkim_store_write(beside, store->path, buffer_string(&text),
			     text.len, err_r) == 0)
		result = 0;
	buffer_release(&text);
	mem_free_string(&beside);
	return result;
}
