#ifndef MILTER_DKIM_VERIFY_SESSION_H
#define MILTER_DKIM_VERIFY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct policy_verdict;
struct verify_settings;

/*
 * One SMTP connection and the message at hand in it. Knows nothing of
 * libmilter. Nothing of a message outlives the next verify_session_mail() or
 * verify_session_reset(). Each message that is looked at is logged once.
 */
struct verify_session;

/*
 * Of what is kept of a header. Signatures over more are not verified; more
 * forged results than that, and the message is refused.
 */
#define VERIFY_SESSION_FIELDS_MAX 2000
#define VERIFY_SESSION_OCTETS_MAX 1048576
#define VERIFY_SESSION_FORGED_MAX 500

enum verify_session_result {
	VERIFY_SESSION_GO_ON,
	VERIFY_SESSION_LEAVE,  /* it goes: no more is wanted of it */
	VERIFY_SESSION_ANSWER, /* not taken: verify_session_verdict() */
};

struct verify_session *verify_session_new(void);
void verify_session_free(struct verify_session **session);

/* No message at hand any more. */
void verify_session_reset(struct verify_session *session);

/*
 * MAIL: the session takes over the hold on settings. login and address (of the
 * client) as the MTA tells them, or NULL; host is the MTA's own name.
 */
enum verify_session_result
verify_session_mail(struct verify_session *session,
		    struct verify_settings *settings, const char *login,
		    const char *address, const char *host);

/* Both strings are copied. The value has its leading space. */
void verify_session_header(struct verify_session *session, const char *name,
			   const char *value);

enum verify_session_result
verify_session_end_of_header(struct verify_session *session,
			     const char *queue_id, time_t now);

/* False if no more of the body is wanted. */
bool verify_session_body(struct verify_session *session, const void *data,
			 size_t len);

/*
 * What is done to the message; -1 if it failed. remove: the number-th field of
 * that name, from 1 on; from the last one on. insert: on top.
 */
struct verify_session_edit {
	int (*remove)(void *context, int number);
	int (*insert)(void *context, char *value);
	void *context;
};

/* Never GO_ON. Asks DNS, for as long as the settings allow. */
enum verify_session_result
verify_session_end(struct verify_session *session,
		   const struct verify_session_edit *edit);

/* What to answer; the session's own. */
struct policy_verdict *verify_session_verdict(struct verify_session *session);

#endif
