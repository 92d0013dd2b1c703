#ifndef COMMON_DIRECTORY_H
#define COMMON_DIRECTORY_H

#include <stdbool.h>
#include <time.h>

struct address;
struct error;
struct fingerprint;

/*
 * The account directory: the one interface through which every part sees
 * accounts. An outage (or more than one match where one is meant) is FAILED,
 * fills err_r, and is never to be taken for NO or YES.
 */
enum directory_result {
	DIRECTORY_FAILED = -1,
	DIRECTORY_NO = 0,
	DIRECTORY_YES = 1,
};

struct directory;

struct directory_account {
	char *name;
	bool enabled;
};

struct directory_key {
	char *account;
	bool account_enabled;
	char *name;
	char *login; /* address to log in as, or NULL */
	bool no_preauth;
	bool no_bare_submission; /* submission demands AUTH */
	time_t until;		 /* 0: for good */
};

/* A directory that asks and is never written through this interface. */
#define DIRECTORY_DEFAULT_URI "sqlite:/var/lib/countersign"

/*
 * uri: "sqlite:FOLDER", where FOLDER/published/directory.db is read. Nothing
 * is looked at until the first question, so an outage at start is an answer
 * (FAILED) like later ones; a bad uri is an error here. One handle serves one
 * thread at a time.
 */
int directory_open(struct directory **dir_r, const char *uri,
		   struct error *err_r);
void directory_close(struct directory **dir);

/*
 * From here to directory_let_go() every question is answered from one state:
 * the one that was in force when the first of them was asked. So what several
 * questions decide is never a mix of two. At other times each question is
 * answered from the state in force when it is asked.
 */
void directory_hold(struct directory *dir);
void directory_let_go(struct directory *dir);

/*
 * Whose key is this? NO also for a key whose end date has come; err_r says
 * which, for the log. A disabled account's key is YES with
 * account_enabled false: what to do is the caller's.
 */
enum directory_result
directory_key(struct directory *dir, const struct fingerprint *fingerprint,
	      time_t now, struct directory_key *key_r, struct error *err_r);
void directory_key_release(struct directory_key *key);

/*
 * Whose login is this account name or address (with delimiter, catch-all and
 * alias domains)? An exact account name wins. A disabled account is YES with
 * enabled false.
 */
enum directory_result directory_login(struct directory *dir, const char *login,
				      struct directory_account *account_r,
				      struct error *err_r);
void directory_account_release(struct directory_account *account);

/* Is this one of the account's own addresses (not one it was granted)? */
enum directory_result directory_owns(struct directory *dir, const char *account,
				     const struct address *address,
				     struct error *err_r);

/* Is the account a member of the group (its name without '%')? */
enum directory_result
directory_is_member(struct directory *dir, const char *account,
		    const char *group, struct error *err_r);

enum directory_permission {
	DIRECTORY_PERMISSION_FAILED = -1,
	DIRECTORY_PERMISSION_NO = 0,
	DIRECTORY_PERMISSION_OWN,	/* its own address */
	DIRECTORY_PERMISSION_GRANTED,	/* it or one of its groups */
	DIRECTORY_PERMISSION_ON_BEHALF, /* so granted: Sender: is to be added */
};

/*
 * May the account write as this address now? An exact address decides before
 * a catch-all: who owns "@example.org" may not write as a colleague whose
 * address exists there. A grant for "@example.org" means every address of the
 * domain. A disabled account may nothing.
 */
enum directory_permission
directory_may_send_as(struct directory *dir, const char *account,
		      const struct address *address, time_t now,
		      struct error *err_r);

#endif
