#ifndef MILTER_SENDER_CHECK_SESSION_H
#define MILTER_SENDER_CHECK_SESSION_H

#include <stdbool.h>
#include <time.h>

struct path_client;
struct policy_verdict;
struct rate;
struct settings;

/*
 * One SMTP connection and the message at hand in it. Knows nothing of
 * libmilter. Nothing of a message outlives the next session_mail() or
 * session_reset().
 */
struct session;

/* rate, which counts what accounts send, is borrowed for good. */
struct session *session_new(struct rate *rate);
void session_free(struct session **session);

/* No message at hand any more. */
void session_reset(struct session *session);

/*
 * MAIL: a message begins; the session takes over the hold on settings. host is
 * the MTA's own name or NULL, mail_from as policy.h has it. NULL means go on;
 * a verdict, the session's own, means that the message is refused with it,
 * which is logged then.
 */
struct policy_verdict *
session_mail(struct session *session, struct settings *settings,
	     const struct path_client *client, const char *host,
	     const char *mail_from, time_t now);

/* Is there a message at hand? One from outside is none to MAIL. */
bool session_is_open(const struct session *session);

/* RCPT: one more recipient of the message at hand. */
void session_recipient(struct session *session);

/* A header field; both strings are copied if they matter. */
void session_header(struct session *session, const char *name,
		    const char *value);

/*
 * The header is complete: NULL means the message may go, a verdict that it is
 * refused; logged either way. Without a message at hand the answer is an
 * outage.
 */
struct policy_verdict *session_end_of_header(struct session *session,
					     const char *queue_id, time_t now);

/*
 * Once that let the message go: the Sender: that it may go with only, to be
 * added, or NULL. Valid until the session is reset.
 */
const char *session_added_sender(const struct session *session);

#endif
