#include "admin/dkim-unused.h"

#include "admin/dkim-store.h"
#include "admin/lock.h"
#include "common/error.h"
#include "common/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct search {
	const struct dkim_store *store;
	char **used; /* paths of files, sorted */
	void (*tell)(void *context, const char *domain, const char *selector,
		     const char *file);
	void *context;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **list_used(const struct dkim_store *store)
{
	const struct dkim_table *table = &store->table;
	char **used = mem_array(table->count, sizeof(*used));
	size_t i;

	for (i = 0; i < table->count; i++)
		used[i] = dkim_table_key_path(store->path, &table->entries[i]);
	if (table->count > 0)
		qsort(used, table->count, sizeof(*used), compare);
	return used;
}

static void free_used(char **used, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(used[i]);
	free(used);
}

static void
look_at_file(const struct search *search, const char *domain, const char *name)
{
	static const char suffix[] = ".pem";
	size_t len = strlen(name);
	char *file, *selector;

	if (len <= strlen(suffix) ||
	    strcmp(name + len - strlen(suffix), suffix) != 0)
		return;
	file = mem_printf("%s/%s/%s", search->store->folder, domain, name);
	if (bsearch(&file, search->used, search->store->table.count,
		    sizeof(file), compare) == NULL) {
		selector = mem_strndup(name, len - strlen(suffix));
		search->tell(search->context, domain, selector, file);
		mem_free_string(&selector);
	}
	mem_free_string(&file);
}

/* Sorted; none of what is not there or is no folder. */
static int
list_names(struct dirent ***names_r, const char *path, struct error *err_r)
{
	int count = scandir(path, names_r, NULL, alphasort);

	if (count >= 0)
		return count;
	*names_r = NULL;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s", path,
			    strerror(errno));
}

static void free_names(struct dirent **names, int count)
{
	int i;

	for (i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int look_at_domain(const struct search *search, const char *domain,
			  struct error *err_r)
{
	char *path = mem_printf("%s/%s", search->store->folder, domain);
	struct dirent **names;
	int count = list_names(&names, path, err_r);
	int i;

	for (i = 0; i < count; i++)
		look_at_file(search, domain, names[i]->d_name);
	free_names(names, count);
	mem_free_string(&path);
	return count < 0 ? -1 : 0;
}

static int look_at_all(const struct search *search, struct error *err_r)
{
	struct dirent **names;
	int count = list_names(&names, search->store->folder, err_r);
	int result = count < 0 ? -1 : 0;
	int i;

	for (i = 0; i < count && result == 0; i++) {
		if (names[i]->d_name[0] != '.')
			result =
				look_at_domain(search, names[i]->d_name, err_r);
	}
	free_names(names, count);
	return result;
}

static int look(const struct dkim_store *store, const char *domain,
		void (*tell)(void *context, const char *domain,
			     const char *selector, const char *file),
		void *context, struct error *err_r)
{
	struct search search = {
		.store = store,
		.used = list_used(store),
		.tell = tell,
		.context = context,
	};
	int result = domain != NULL ? look_at_domain(&search, domain, err_r)
				    : look_at_all(&search, err_r);

	free_used(search.used, store->table.count);
	return result;
}

int dkim_unused_find(const char *folder, const char *path, const char *domain,
		     void (*tell)(void *context, const char *domain,
				  const char *selector, const char *file),
		     void *context, struct error *err_r)
{
	struct dkim_store store;
	int lock, result = -1;

	/* Keys are made before the table has them: not in between. */
	if (lock_take(&lock, folder, err_r) < 0)
		return -1;
	if (dkim_store_open(&store, path, false, err_r) == 0) {
		result = look(&store, domain, tell, context, err_r);
		dkim_store_close(&store);
	}
	lock_release(&lock);
	return result;
}
