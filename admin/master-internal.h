#ifndef ADMIN_MASTER_INTERNAL_H
#define ADMIN_MASTER_INTERNAL_H

#include "admin/master.h"
#include "common/address.h"
#include "common/sqlite.h"

/* What the master-*.c files share; nobody else includes it. */

/*
 * A statement with its values: one letter each in types, 's' for a const
 * char * (NULL is NULL), 'i' for a long long, 'f' for a struct fingerprint *.
 * NULL with err_r filled if SQLite does not take it.
 */
struct sqlite_stmt *master_query(struct master *master, struct error *err_r,
				 const char *sql, const char *types, ...);

/* Run such a statement to its end: the number of rows it wrote, or -1. */
long long master_run(struct master *master, struct error *err_r,
		     const char *sql, const char *types, ...);

/*
 * The first column of the first row: 1 and the caller's *text_r (NULL for SQL
 * NULL), 0 if there is no row, or -1. text_r may be NULL.
 */
int master_find(struct master *master, char **text_r, struct error *err_r,
		const char *sql, const char *types, ...);

/* The account's (group's) name as it is kept, if there is one. */
int master_account_name(struct master *master, char **name_r, const char *text,
			struct error *err_r);
int master_group_name(struct master *master, char **name_r, const char *text,
		      struct error *err_r);

/*
 * An address or "@DOMAIN", as it is kept and compared. In a domain that is
 * not in the directory the rules are address_rules_foreign.
 */
struct master_place {
	char *address; /* as written, the domain in A-labels */
	char *domain;  /* as written, in A-labels */
	char *target; /* the domain it is in: of an alias, what it stands for */
	char *key;
	bool served; /* the domain is in the directory */
	bool whole_domain;
	bool delimited; /* there is a delimiter in the local part */
};

int master_place(struct master *master, struct master_place *place_r,
		 const char *text, struct error *err_r);
void master_place_release(struct master_place *place);

/* After a domain came or went: what the rest of the directory keeps of it. */
int master_recompute(struct master *master, const char *domain,
		     struct error *err_r);

#endif
