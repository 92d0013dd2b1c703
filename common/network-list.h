#ifndef COMMON_NETWORK_LIST_H
#define COMMON_NETWORK_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct network;

/* What a site says of networks: NETWORK=NAME for each. All zero is empty. */
struct network_list {
	struct network_name *entries;
	size_t count;
};

/* What the names are. */
struct network_name_kind {
	const char *word; /* "ACCOUNT" */
	int (*parse)(char **name_r, const char *text, struct error *err_r);
	bool several; /* a network may have more than one */
};

/*
 * The words of a CONF_LIST, or NULL; none stands twice. The error names the
 * word. Whatever it returns, the list is to be released.
 */
int network_list_parse(struct network_list *list, char *const *words,
		       const struct network_name_kind *kind,
		       struct error *err_r);
void network_list_release(struct network_list *list);

/*
 * The name of the network that holds this host, the list's own; of several
 * that of the longest prefix. NULL without one.
 */
const char *
network_list_find(const struct network_list *list, const struct network *host);

/* Is this the name of any network that holds the host? */
bool network_list_names(const struct network_list *list,
			const struct network *host, const char *name);

#endif
