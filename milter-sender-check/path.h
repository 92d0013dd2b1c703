#ifndef MILTER_SENDER_CHECK_PATH_H
#define MILTER_SENDER_CHECK_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct path_rules;
struct policy_field;

/*
 * The way by which a message came, and whether it is checked for that, and as
 * whose. Pure: what the MTA says of login and client is sure; what stands in
 * the header is anybody's word, and is asked only where a site's rules would
 * hold up mail without a login.
 */
enum path_kind {
	PATH_OUTSIDE,	 /* without a login, from anywhere: not our matter */
	PATH_SUBMISSION, /* with a login */
	PATH_LOCAL,	 /* no client at all: sendmail(1), a bounce */
	PATH_NETWORK,	 /* without a login, from a network of the rules */
};

/* What the MTA says at MAIL; NULL is what it does not say. */
struct path_client {
	const char *login;
	const char *address; /* as network_parse_client() takes it */
	const char *port;
};

struct path {
	enum path_kind kind;
	/* It is checked as this one's, borrowed from client or rules; NULL:
	 * not checked, or refused. */
	const char *account;
};

/* PATH_SUBMISSION if and only if there is a login. */
struct path
path_find(const struct path_rules *rules, const struct path_client *client);

/* "local", "network"; NULL for those that the log does not name. */
const char *path_word(enum path_kind kind);

/* Where a header says that the message has been before. */
struct path_marks {
	bool sieve;    /* a Sieve script redirected it */
	bool returned; /* this host has received it already */
};

/*
 * Take note of a field. host: the MTA's own name, as it stands in a Received
 * field of its making; NULL if it is not told.
 */
void path_read_field(struct path_marks *marks, const char *host,
		     const char *name, const char *value);

/*
 * Is it what Postfix's bounce(8) sends: from nobody or from its double-bounce
 * address, MAILER-DAEMON alone in From:? Any local user can write that too.
 */
bool path_is_bounce(const char *mail_from, const struct policy_field *fields,
		    size_t count);

enum path_action {
	PATH_CHECK, /* as path.account */
	PATH_PASS,
	PATH_REFUSE,
};

/*
 * What to do with a message that came so, not from outside; *reason_r: why it
 * is not checked, else NULL.
 */
enum path_action path_decide(const char **reason_r,
			     const struct path_rules *rules,
			     const struct path *path,
			     const struct path_marks *marks, bool bounce);

#endif
