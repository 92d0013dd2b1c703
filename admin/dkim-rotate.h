#ifndef ADMIN_DKIM_ROTATE_H
#define ADMIN_DKIM_ROTATE_H

#include "admin/dkim-life.h"

#include <stdbool.h>
#include <stddef.h>

struct error;

enum dkim_event {
	DKIM_EVENT_GENERATED,
	DKIM_EVENT_WAITS, /* for its record */
	DKIM_EVENT_ACTIVATED,
	DKIM_EVENT_RETIRED,
	DKIM_EVENT_REMOVED,
};

const char *dkim_event_name(enum dkim_event event);

struct dkim_rotate_options {
	struct dkim_terms terms;
	char *const *publish_command; /* NULL-ended; empty: none */
	char *const *domains;	      /* NULL-ended; empty: all */

	/* What has happened to a key, once the table on disk says so. */
	void (*tell)(void *context, enum dkim_event event,
		     const struct dkim_table_entry *entry);
	/* What went wrong with a domain; the others go on. */
	void (*complain)(void *context, const char *domain,
			 const struct error *why);
	void (*progress)(void *context, size_t done, size_t all);
	void *context;
};

struct dkim_rotate_result {
	size_t troubles; /* that somebody must see to */
	size_t outages;	 /* DNS did not answer: the next run asks again */
};

/*
 * Take the keys of each domain in the table at path one step on: an active key
 * that is old enough is given a successor; a pending one whose record is in DNS
 * becomes active, and that before it retired; a retired one that nobody can
 * need is removed. The table is locked for some seconds at a time, so that
 * other commands get at it in a long run. Killed anywhere it leaves a table
 * that is whole, and the next run goes on. -1: the table could not be had or
 * written.
 */
int dkim_rotate(struct dkim_rotate_result *result_r, const char *path,
		const struct dkim_rotate_options *options, struct error *err_r);

#endif
