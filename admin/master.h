#ifndef ADMIN_MASTER_H
#define ADMIN_MASTER_H

#include "common/public-key.h"

#include <stdbool.h>
#include <time.h>

struct error;
struct sqlite;

/*
 * The master, FOLDER/directory.db: the writing side of the account directory,
 * for the command alone. Whoever has it open holds FOLDER/lock, so there is
 * one at a time.
 *
 * Everything between master_begin() and master_commit() happens as one, and
 * every function that changes something must stand between them. Names,
 * addresses and domains are texts as typed; what is wrong, double or dangling
 * is refused with a line that says what is in the way (EX_DATAERR; an account
 * that does not exist is EX_NOUSER).
 */
struct master;

#define MASTER_FILE "directory.db"
#define MASTER_VERSION 1

/* Make FOLDER (if missing) and an empty master in it; never over another. */
int master_init(const char *folder, struct error *err_r);

/* Waits for another command to end, though not for ever (EX_TEMPFAIL). */
int master_open(struct master **master_r, const char *folder,
		struct error *err_r);
void master_close(struct master **master);

int master_begin(struct master *master, struct error *err_r);

/*
 * publish: this change is to be published, and if it is not (the machine
 * stops), the next command has to. Otherwise it waits for one that is.
 */
int master_commit(struct master *master, bool publish, struct error *err_r);
void master_rollback(struct master *master);

/* Borrowed from the master. */
const char *master_folder(const struct master *master);
struct sqlite *master_db(struct master *master);

struct master_state {
	long long generation;	/* of the last change */
	long long publish_from; /* the generation that must be published */
};

int master_state(struct master *master, struct master_state *state_r,
		 struct error *err_r);

/* From now on all changes up to the last one must be published. */
int master_demand_publication(struct master *master, struct error *err_r);

/*
 * The lists call each(context, row) for every row in order; a row is valid
 * during the call.
 */

/* Accounts. */
struct master_account {
	const char *name;
	bool enabled;
	const char *password; /* its hash, or NULL */
	long long addresses;
	long long keys;
};

/* What went with a removed account or group. */
struct master_removed {
	long long addresses;
	long long memberships;
	long long grants;
	long long keys;
};

int master_account_add(struct master *master, const char *name,
		       struct error *err_r);

/* The same with all that the account says, but the counts. */
int master_account_put(struct master *master,
		       const struct master_account *account,
		       struct error *err_r);
int master_account_enable(struct master *master, const char *name, bool enable,
			  struct error *err_r);

/* hash: one that password_hash_check() takes. */
int master_account_set_password(struct master *master, const char *name,
				const char *hash, struct error *err_r);
int master_account_remove(struct master *master, const char *name,
			  struct master_removed *removed_r,
			  struct error *err_r);

/* name NULL: all. With a name, an account that does not exist is an error. */
int master_account_list(struct master *master, const char *name,
			void (*each)(void *context,
				     const struct master_account *account),
			void *context, struct error *err_r);

/* Domains. */
struct master_domain {
	const char *name;
	const char *delimiters;
	bool case_sensitive;
	const char *alias_of; /* or NULL */
	long long addresses;
};

/* delimiters "" for none; alias_of NULL, or a domain that is no alias. */
int master_domain_add(struct master *master, const char *name,
		      const char *delimiters, bool case_sensitive,
		      const char *alias_of, struct error *err_r);
int master_domain_remove(struct master *master, const char *name,
			 struct error *err_r);
int master_domain_list(struct master *master,
		       void (*each)(void *context,
				    const struct master_domain *domain),
		       void *context, struct error *err_r);

/* Addresses: ADDRESS, or "@DOMAIN" for all of the domain that nobody has. */
struct master_address {
	const char *address;
	const char *account;
};

int master_address_add(struct master *master, const char *address,
		       const char *account, struct error *err_r);
int master_address_remove(struct master *master, const char *address,
			  struct error *err_r);

/* account NULL: all. */
int master_address_list(struct master *master, const char *account,
			void (*each)(void *context,
				     const struct master_address *address),
			void *context, struct error *err_r);

/* Groups; a name may be written with its '%'. */
int master_group_add(struct master *master, const char *group,
		     struct error *err_r);
int master_group_remove(struct master *master, const char *group,
			struct master_removed *removed_r, struct error *err_r);
int master_group_add_member(struct master *master, const char *group,
			    const char *account, struct error *err_r);
int master_group_remove_member(struct master *master, const char *group,
			       const char *account, struct error *err_r);

/* One call for each member, and one with NULL for a group without. */
int master_member_list(struct master *master,
		       void (*each)(void *context, const char *group,
				    const char *account),
		       void *context, struct error *err_r);

/* Groups of one account. */
int master_account_groups(struct master *master, const char *account,
			  void (*each)(void *context, const char *group),
			  void *context, struct error *err_r);

/* Grants; a holder is an account, or '%' and a group. */
struct master_grant {
	const char *holder;
	const char *address; /* or "@DOMAIN" */
	time_t until;	     /* 0: for good */
	bool on_behalf;
};

int master_grant_add(struct master *master, const struct master_grant *grant,
		     struct error *err_r);
int master_grant_remove(struct master *master, const char *holder,
			const char *address, struct error *err_r);

/* holder NULL: all; an account's include those of its groups. */
int master_grant_list(struct master *master, const char *holder,
		      void (*each)(void *context,
				   const struct master_grant *grant),
		      void *context, struct error *err_r);

/* Keys. */
struct master_key {
	struct fingerprint fingerprint;
	const char *account;
	const char *name;
	const char *type;
	const char *login; /* one of the account's addresses, or NULL */
	bool no_preauth;
	bool no_bare_submission;
	time_t created;
	time_t until; /* 0: for good */
};

int master_key_add(struct master *master, const struct master_key *key,
		   struct error *err_r);
int master_key_remove(struct master *master,
		      const struct fingerprint *fingerprint,
		      struct error *err_r);

/* account NULL: all. */
int master_key_list(struct master *master, const char *account,
		    void (*each)(void *context, const struct master_key *key),
		    void *context, struct error *err_r);

/* One key: each is called once, or it is an error (EX_DATAERR). */
int master_key_get(struct master *master, const struct fingerprint *fingerprint,
		   void (*each)(void *context, const struct master_key *key),
		   void *context, struct error *err_r);

/*
 * Is an object there already, and the same? differs_r, the caller's: NULL if
 * it is not there, "" if it is just so, otherwise the field of its record
 * (record.h) that differs. The texts are as typed.
 */
int master_compare_domain(struct master *master,
			  const struct master_domain *domain, char **differs_r,
			  struct error *err_r);
int master_compare_account(struct master *master,
			   const struct master_account *account,
			   char **differs_r, struct error *err_r);
int master_compare_address(struct master *master,
			   const struct master_address *address,
			   char **differs_r, struct error *err_r);
int master_compare_group(struct master *master, const char *group,
			 char **differs_r, struct error *err_r);
int master_compare_member(struct master *master, const char *group,
			  const char *account, char **differs_r,
			  struct error *err_r);
int master_compare_grant(struct master *master,
			 const struct master_grant *grant, char **differs_r,
			 struct error *err_r);

/* created 0 is any. */
int master_compare_key(struct master *master, const struct master_key *key,
		       char **differs_r, struct error *err_r);

#endif
