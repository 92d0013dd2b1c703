#ifndef ADMIN_CMD_DKIM_H
#define ADMIN_CMD_DKIM_H

#include "admin/dkim-life.h"
#include "admin/dkim-store.h"
#include "admin/settings.h"

struct buffer;
struct call;
struct error;
struct output;

/* What every command on DKIM keys works with. */
struct cmd_dkim {
	const struct call *call;
	struct settings settings;
	struct dkim_terms terms;
	struct dkim_store store;
	char *domain;	/* of the arguments, or NULL */
	char *selector; /* the same */
};

/*
 * From the call: settings, key table (locked if it is to be changed), and, with
 * names, DOMAIN and SELECTOR as far as they are given. Whatever comes of it,
 * cmd_dkim_release() follows.
 */
int cmd_dkim_init(struct cmd_dkim *dkim, const struct call *call, bool change,
		  bool names, struct error *err_r);
void cmd_dkim_release(struct cmd_dkim *dkim);

/* Is it of the domain and selector that were named, if any? */
bool cmd_dkim_matches(const struct cmd_dkim *dkim,
		      const struct dkim_table_entry *entry);

/* The one entry that was named, or NULL and err_r. */
struct dkim_table_entry *
cmd_dkim_find(const struct cmd_dkim *dkim, struct error *err_r);

/* There is no such key: err_r. */
int cmd_dkim_unknown(const struct cmd_dkim *dkim, struct error *err_r);

/* Rows of the answer: a key each. */
void cmd_dkim_begin_rows(const struct cmd_dkim *dkim);
void cmd_dkim_show_row(const struct cmd_dkim *dkim,
		       const struct dkim_table_entry *entry);

/* What makes milter-dkim read the table. */
extern const char cmd_dkim_reload[];

#endif
