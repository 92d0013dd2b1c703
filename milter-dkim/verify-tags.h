#ifndef MILTER_DKIM_VERIFY_TAGS_H
#define MILTER_DKIM_VERIFY_TAGS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

#define VERIFY_TAGS_MAX 32

/* A tag=value list (RFC 6376 3.2) of a signature or a key record. */
struct verify_tags {
	struct verify_tag {
		const char *name;
		const char *value; /* without any white space */
	} tags[VERIFY_TAGS_MAX];
	size_t count;
	char *text; /* what they point into */

	/*
	 * A name that ends in "b" and is not "b" at once followed by "=":
	 * libopendkim takes it for b=, or b= for another.
	 */
	bool misleading_b;
};

/*
 * Printable ASCII and folding white space alone; a name that stands twice, or
 * more tags than fit, is an error. On error nothing is left to release.
 */
int verify_tags_parse(struct verify_tags *tags_r, const char *text,
		      struct error *err_r);
void verify_tags_release(struct verify_tags *tags);

/* NULL: it is not there. */
const char *verify_tags_find(const struct verify_tags *tags, const char *name);

#endif
