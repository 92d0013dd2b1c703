#include "common/network-list.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/network.h"

#include <stdlib.h>
#include <string.h>

struct network_name {
	struct network network;
	char *name;
};

static int parse_entry(struct network_name *entry_r, const char *word,
		       const struct network_name_kind *kind,
		       struct error *err_r)
{
	const char *equals = strchr(word, '=');
	char *network;
	int result;

	if (equals == NULL)
		return error_set(err_r, "it must be NETWORK=%s", kind->word);
	network = mem_strndup(word, (size_t)(equals - word));
	result = network_parse(&entry_r->network, network, err_r);
	mem_free_string(&network);
	if (result < 0)
		return -1;
	return kind->parse(&entry_r->name, equals + 1, err_r);
}

static bool is_same(const struct network *a, const struct network *b)
{
	return network_contains(a, b) && network_contains(b, a);
}

static int add_entry(struct network_list *list, const char *word,
		     const struct network_name_kind *kind, struct error *err_r)
{
	struct network_name *added;
	size_t i;

	list->entries = mem_resize(list->entries, list->count + 1,
				   sizeof(*list->entries));
	added = &list->entries[list->count];
	if (parse_entry(added, word, kind, err_r) < 0)
		return -1;
	list->count++;
	for (i = 0; i + 1 < list->count; i++) {
		const struct network_name *entry = &list->entries[i];

		if (is_same(&entry->network, &added->network) &&
		    (!kind->several || strcmp(entry->name, added->name) == 0))
			return error_set(err_r, "the network stands there "
						"already");
	}
	return 0;
}

int network_list_parse(struct network_list *list, char *const *words,
		       const struct network_name_kind *kind,
		       struct error *err_r)
{
	for (; words != NULL && *words != NULL; words++) {
		if (add_entry(list, *words, kind, err_r) < 0)
			return error_prefix(err_r, "\"%s\"", *words);
	}
	return 0;
}

void network_list_release(struct network_list *list)
{
	while (list->count > 0)
		mem_free_string(&list->entries[--list->count].name);
	free(list->entries);
	list->entries = NULL;
}

const char *
network_list_find(const struct network_list *list, const struct network *host)
{
	const struct network_name *found = NULL;
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct network_name *entry = &list->entries[i];

		if (network_contains(&entry->network, host) &&
		    (found == NULL ||
		     entry->network.bits > found->network.bits))
			found = entry;
	}
	return found != NULL ? found->name : NULL;
}

bool network_list_names(const struct network_list *list,
			const struct network *host, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (network_contains(&list->entries[i].network, host) &&
		    strcmp(list->entries[i].name, name) == 0)
			return true;
	}
	return false;
}
