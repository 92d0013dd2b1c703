#ifndef ADMIN_TALLY_H
#define ADMIN_TALLY_H

#include <stddef.h>

struct output;

/*
 * What a log says over and over, counted: rows of the same values are one.
 * Users wrote part of what stands in a log, so all of it is bounded.
 */
struct tally;

struct tally_row {
	const char *const *values; /* the first is the group */
	size_t value_count;
	unsigned long count;
	const char *last; /* of the latest */
};

/*
 * A group has at most group_max rows, and all of them rows_max, but for those
 * of the further ones.
 */
struct tally *tally_new(size_t value_count, size_t group_max, size_t rows_max);
void tally_free(struct tally **tally);

/*
 * Count values; or, if the group has no room for another row, further, which
 * are of the same group; or, if there is no room for another row at all, the
 * same of the group "". But for the group there must be few of further.
 */
void tally_add(struct tally *tally, const char *const *values,
	       const char *const *further, const char *last);

/*
 * In the order of compare(), which has pointers to two of them as qsort(3)
 * has; valid until the next tally_add().
 */
const struct tally_row *const *
tally_rows(struct tally *tally,
	   int (*compare)(const void *left, const void *right),
	   size_t *count_r);

/* Rows of a table that was begun: values ("" is none), count, last. */
void tally_show(struct output *out, const struct tally_row *const *rows,
		size_t count);

/* By their values, from the first to the last. */
int tally_compare_values(const struct tally_row *left,
			 const struct tally_row *right);

#endif
