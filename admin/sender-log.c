#include "admin/sender-log.h"

#include "common/buffer.h"
#include "common/logfmt.h"
#include "common/mem.h"

#include <stddef.h>
#include <string.h>

static const char first_pair[] = "queue_id=";
static const char warning[] = "warning: "; /* as log.c has it */

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "queue_id", offsetof(struct sender_log, queue_id) },
	{ "verdict", offsetof(struct sender_log, verdict) },
	{ "mode", offsetof(struct sender_log, mode) },
	{ "account", offsetof(struct sender_log, account) },
	{ "login", offsetof(struct sender_log, login) },
	{ "field", offsetof(struct sender_log, field) },
	{ "address", offsetof(struct sender_log, address) },
	{ "reason", offsetof(struct sender_log, reason) },
};

#define MEMBER_COUNT (sizeof(members) / sizeof(members[0]))

static char **member(struct sender_log *log, size_t i)
{
	return (char **)(void *)((char *)log + members[i].offset);
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* "milter-sender-check", or the same with "[PID]" */
static bool is_tag(const char *word, size_t len)
{
	static const char tag[] = "milter-sender-check";

	return len >= strlen(tag) && starts_with(word, tag) &&
	       (len == strlen(tag) || word[strlen(tag)] == '[');
}

/*
 * What the filter wrote, without the time, host and tag of a syslog line; NULL
 * if it is another program's. The first ": " ends the tag, and whatever users
 * can write stands behind it, in every program's lines.
 */
static const char *text_of(const char *line)
{
	const char *text = line;

	if (!starts_with(line, first_pair) && !starts_with(line, warning)) {
		const char *end = strstr(line, ": "), *word = end;

		if (end == NULL)
			return NULL;
		while (word > line && word[-1] != ' ')
			word--;
		if (!is_tag(word, (size_t)(end - word)))
			return NULL;
		text = end + strlen(": ");
	}
	if (starts_with(text, warning))
		text += strlen(warning);
	return starts_with(text, first_pair) ? text : NULL;
}

/* The first of a name counts: what a user may write stands further behind. */
static void take(struct sender_log *log, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < MEMBER_COUNT; i++) {
		if (strcmp(members[i].name, name) == 0 &&
		    *member(log, i) == NULL)
			*member(log, i) = mem_strdup(value);
	}
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
	struct buffer name = BUFFER_INIT, value = BUFFER_INIT;
	const char *text = text_of(line);
	size_t i;

	if (text == NULL)
		return false;
	memset(log_r, 0, sizeof(*log_r));
	while (logfmt_next(&text, &name, &value))
		take(log_r, buffer_string(&name), buffer_string(&value));
	buffer_release(&name);
	buffer_release(&value);
	for (i = 0; i < MEMBER_COUNT; i++) {
		if (*member(log_r, i) == NULL)
			*member(log_r, i) = mem_strdup("");
	}
	if (is_whole(log_r))
		return true;
	sender_log_release(log_r);
	return false;
}

void sender_log_release(struct sender_log *log)
{
	size_t i;

	for (i = 0; i < MEMBER_COUNT; i++)
		mem_free_string(member(log, i));
}
