#ifndef ADMIN_SENDER_LOG_H
#define ADMIN_SENDER_LOG_H

#include <stdbool.h>

/*
 * A line that milter-sender-check(8) logged about a message. Every value but
 * verdict and mode is "" where it is not there; what users wrote may be in
 * any of them.
 */
struct sender_log {
	char *queue_id;
	char *verdict; /* "pass", "reject" or "defer" */
	char *mode;    /* "enforce" or "report" */
	char *account;
	char *login;
	char *field;
	char *address;
	char *reason;
};

/*
 * From a line without its newline, of syslog or as journalctl prints it with
 * --output=cat. False, and nothing to release, if it is no such line.
 */
bool sender_log_parse(struct sender_log *log_r, const char *line);
void sender_log_release(struct sender_log *log);

#endif
