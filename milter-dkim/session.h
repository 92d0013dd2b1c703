#ifndef MILTER_DKIM_SESSION_H
#define MILTER_DKIM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct edit_ops;
struct path_client;
struct policy_verdict;
struct settings;

/*
 * One SMTP connection and the message at hand in it. Knows nothing of
 * libmilter. Nothing of a message outlives the next session_mail() or
 * session_reset(). Each message is logged once, when it is known whether it
 * is signed.
 */
struct session;

/* Of what is kept of a header; a message with more is refused. */
#define SESSION_FIELDS_MAX 512
#define SESSION_OCTETS_MAX 1048576

enum session_result {
	SESSION_GO_ON,	/* the message is to be signed, so far */
	SESSION_LEAVE,	/* it goes as it is: no more is wanted of it */
	SESSION_ANSWER, /* it is not taken: see session_verdict() */
};

struct session *session_new(void);
void session_free(struct session **session);

/* No message at hand any more. */
void session_reset(struct session *session);

/*
 * MAIL: a message begins; the session takes over the hold on settings. host is
 * the MTA's own name or NULL, mail_from as policy.h has it. False if it can't
 * be signed for the way by which it comes: then there is none at hand, and it
 * is not logged.
 */
bool session_mail(struct session *session, struct settings *settings,
		  const struct path_client *client, const char *host,
		  const char *mail_from);

/*
 * A header field; both strings are copied if they matter. The value has its
 * leading space.
 */
void session_header(struct session *session, const char *name,
		    const char *value);

enum session_result session_end_of_header(struct session *session,
					  const char *queue_id, time_t now);

void session_body(struct session *session, const void *data, size_t len);

/*
 * Never SESSION_GO_ON: signed is SESSION_LEAVE, too. The message is mended and
 * signed by ops.
 */
enum session_result
session_end(struct session *session, const struct edit_ops *ops, void *context);

/* What to answer; the session's own. */
struct policy_verdict *session_verdict(struct session *session);

#endif
