#include "admin/sender-log.h"

#include "admin/log-line.h"

#include <stddef.h>
#include <string.h>

static const char first_pair[] = "queue_id=";
static const char warning[] = "warning: "; /* as log.c has it */

static const struct log_member members[] = {
	{ "queue_id", offsetof(struct sender_log, queue_id) },
	{ "verdict", offsetof(struct sender_log, verdict) },
	{ "mode", offsetof(struct sender_log, mode) },
	{ "account", offsetof(struct sender_log, account) },
	{ "login", offsetof(struct sender_log, login) },
	{ "field", offsetof(struct sender_log, field) },
	{ "address", offsetof(struct sender_log, address) },
	{ "reason", offsetof(struct sender_log, reason) },
	{ .name = NULL },
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/*
 * What the filter wrote, without the time, host and tag of a syslog line; NULL
 * if it is another program's.
 */
static const char *text_of(const char *line)
{
	const char *text = line;

	if (!starts_with(line, first_pair) && !starts_with(line, warning))
		text = log_line_behind(line, "milter-sender-check");
	if (text == NULL)
		return NULL;
	(void)log_line_skip(&text, warning);
	return starts_with(text, first_pair) ? text : NULL;
}

static bool is(const char *value, const char *word)
{
	return strcmp(value, word) == 0;
}

static bool is_whole(const struct sender_log *log)
{
	return (is(log->verdict, "pass") || is(log->verdict, "reject") ||
		is(log->verdict, "defer")) &&
	       (is(log->mode, "enforce") || is(log->mode, "report"));
}

bool sender_log_parse(struct sender_log *log_r, const char *line)
{
	const char *text = text_of(line);

	if (text == NULL)
		return false;
	log_members_read(log_r, members, text);
	if (is_whole(log_r))
		return true;
	sender_log_release(log_r);
	return false;
}

void sender_log_release(struct sender_log *log)
{
	log_members_release(log, members);
}
