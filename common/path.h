#ifndef COMMON_PATH_H
#define COMMON_PATH_H

#include "common/network.h"

#include <stdbool.h>
#include <stddef.h>

struct network_list;
struct policy_field;

/*
 * The way by which a message came to the MTA, as both milters see it. Pure:
 * what the MTA says of login and client is sure; what stands in the header is
 * anybody's word.
 */
enum path_kind {
	PATH_OUTSIDE,	 /* without a login, from anywhere: not our matter */
	PATH_SUBMISSION, /* with a login */
	PATH_LOCAL,	 /* no client at all: sendmail(1), a bounce */
	PATH_NETWORK,	 /* without a login, from a network that is listed */
};

/* What the MTA says at MAIL; NULL is what it does not say. */
struct path_client {
	const char *login;
	const char *address; /* as network_parse_client() takes it */
	const char *port;
};

struct path {
	enum path_kind kind;
	struct network host; /* PATH_NETWORK: the client's address */
};

/* PATH_SUBMISSION if and only if there is a login. */
struct path path_find(const struct network_list *networks,
		      const struct path_client *client);

/* "local", "network"; NULL for those that the log does not name. */
const char *path_word(enum path_kind kind);

/* Where a header says that the message has been before. */
struct path_marks {
	bool sieve;    /* a Sieve script redirected it */
	bool received; /* some host has received it already */
	bool returned; /* this one has */
};

/*
 * Take note of a field. host: the MTA's own name, as it stands in a Received
 * field of its making; NULL if it is not told, or what has received it does not
 * matter.
 */
void path_read_field(struct path_marks *marks, const char *host,
		     const char *name, const char *value);

/*
 * Is it what Postfix's bounce(8) sends: from nobody or from its double-bounce
 * address, MAILER-DAEMON alone in From:, and nobody in Sender: or a Resent-
 * field? Any local user can write that too. The former without the header.
 */
bool path_may_be_bounce(const char *mail_from);
bool path_is_bounce(const char *mail_from, const struct policy_field *fields,
		    size_t count);

#endif
