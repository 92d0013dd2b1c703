#include "admin/tally.h"

#include "admin/output.h"
#include "common/mem.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct node {
	struct tally_row row; /* first, so that a row is a key to search for */
	char **values;
	char *last;
};

struct group {
	const char *name; /* of its first row */
	size_t rows;
};

struct tally {
	void *nodes;		       /* tree of struct node */
	void *groups;		       /* tree of struct group */
	const struct tally_row **rows; /* the nodes, to be shown */
	size_t row_count;
	size_t value_count;
	size_t group_max;
	size_t rows_max;
};

int tally_compare_values(const struct tally_row *left,
			 const struct tally_row *right)
{
	int order = 0;
	size_t i;

	for (i = 0; i < left->value_count && order == 0; i++)
		order = strcmp(left->values[i], right->values[i]);
	return order;
}

static int compare_nodes(const void *left, const void *right)
{
	return tally_compare_values(left, right);
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	return strcmp(a->name, b->name);
}

struct tally *tally_new(size_t value_count, size_t group_max, size_t rows_max)
{
	struct tally *tally = mem_alloc(sizeof(*tally));

	tally->value_count = value_count;
	tally->group_max = group_max;
	tally->rows_max = rows_max;
	return tally;
}

static void free_node(void *of)
{
	struct node *node = of;
	size_t i;

	for (i = 0; i < node->row.value_count; i++)
		mem_free_string(&node->values[i]);
	free(node->values);
	mem_free_string(&node->last);
	free(node);
}

void tally_free(struct tally **tally)
{
	if (*tally == NULL)
		return;
	tdestroy((*tally)->groups, free);
	tdestroy((*tally)->nodes, free_node);
	free((*tally)->rows);
	free(*tally);
	*tally = NULL;
}

static void *
insert(void **tree, void *new, int (*compare)(const void *, const void *))
{
	if (tsearch(new, tree, compare) == NULL)
		abort();
	return new;
}

static struct node *add_node(struct tally *tally, const struct tally_row *key)
{
	struct node *node = mem_alloc(sizeof(*node));
	size_t i;

	node->values = mem_array(key->value_count, sizeof(*node->values));
	for (i = 0; i < key->value_count; i++)
		node->values[i] = mem_strdup(key->values[i]);
	node->row = (struct tally_row){
		.values = (const char *const *)node->values,
		.value_count = key->value_count,
	};
	tally->row_count++;
	return insert(&tally->nodes, node, compare_nodes);
}

static struct node *find_node(struct tally *tally, const struct tally_row *key)
{
	void *found = tfind(key, &tally->nodes, compare_nodes);

	return found != NULL ? *(struct node **)found : NULL;
}

/* NULL if there is no room, in the group or at all. */
static struct node *
add_to_group(struct tally *tally, const struct tally_row *key)
{
	const struct group name = { .name = key->values[0] };
	void *found = tfind(&name, &tally->groups, compare_groups);
	struct group *group = found != NULL ? *(struct group **)found : NULL;
	struct node *node;

	if (tally->row_count >= tally->rows_max ||
	    (group != NULL && group->rows == tally->group_max))
		return NULL;
	node = add_node(tally, key);
	if (group == NULL) {
		group = mem_alloc(sizeof(*group));
		group->name = node->values[0];
		insert(&tally->groups, group, compare_groups);
	}
	group->rows++;
	return node;
}

/* For what there is no row of its own. */
static struct node *
further_node(struct tally *tally, const char *const *further)
{
	const char **values = mem_array(tally->value_count, sizeof(*values));
	struct tally_row key = { .values = further,
				 .value_count = tally->value_count };
	struct node *node = find_node(tally, &key);

	if (node == NULL && tally->row_count >= tally->rows_max) {
		memcpy(values, further, tally->value_count * sizeof(*values));
		values[0] = "";
		key.values = values;
		node = find_node(tally, &key);
	}
	if (node == NULL)
		node = add_node(tally, &key);
	free(values);
	return node;
}

void tally_add(struct tally *tally, const char *const *values,
	       const char *const *further, const char *last)
{
	const struct tally_row key = { .values = values,
				       .value_count = tally->value_count };
	struct node *node = find_node(tally, &key);

	if (node == NULL)
		node = add_to_group(tally, &key);
	if (node == NULL)
		node = further_node(tally, further);
	node->row.count++;
	mem_free_string(&node->last);
	node->last = mem_strdup(last);
	node->row.last = node->last;
}

static void collect(const void *of, VISIT visit, void *context)
{
	const struct tally_row *const *row = of;
	const struct tally_row ***next = context;

	/* Each node once, in order: <search.h> calls that postorder. */
	if (visit == postorder || visit == leaf)
		*(*next)++ = *row;
}

const struct tally_row *const *
tally_rows(struct tally *tally,
	   int (*compare)(const void *left, const void *right), size_t *count_r)
{
	const struct tally_row **next;

	free(tally->rows);
	tally->rows = mem_array(tally->row_count + 1, sizeof(*tally->rows));
	next = tally->rows;
	twalk_r(tally->nodes, collect, &next);
	qsort(tally->rows, tally->row_count, sizeof(*tally->rows), compare);
	*count_r = tally->row_count;
	return tally->rows;
}

void tally_show(struct output *out, const struct tally_row *const *rows,
		size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < rows[i]->value_count; j++) {
			const char *value = rows[i]->values[j];

			output_string(out, value[0] != '\0' ? value : NULL);
		}
		output_number(out, (long long)rows[i]->count);
		output_string(out, rows[i]->last);
	}
}
