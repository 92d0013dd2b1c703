#include "admin/log-line.h"

#include "common/buffer.h"
#include "common/logfmt.h"
#include "common/mem.h"

#include <string.h>

bool log_line_skip(const char **text, const char *start)
{
	size_t len = strlen(start);

	if (strncmp(*text, start, len) != 0)
		return false;
	*text += len;
	return true;
}

const char *log_line_behind(const char *line, const char *tag)
{
	const char *end = strstr(line, ": "), *word = end;

	if (end == NULL)
		return NULL;
	while (word > line && word[-1] != ' ')
		word--;
	if (strcspn(line, "(<\"") < (size_t)(word - line))
		return NULL;
	if (!log_line_skip(&word, tag) ||
	    (word != end && *word != '[' && *word != '('))
		return NULL;
	return end + strlen(": ");
}

static char **member(void *record, const struct log_member *of)
{
	return (char **)(void *)((char *)record + of->offset);
}

void log_members_read(void *record, const struct log_member *members,
		      const char *text)
{
	struct buffer name = BUFFER_INIT, value = BUFFER_INIT;
	const struct log_member *at;

	for (at = members; at->name != NULL; at++)
		*member(record, at) = NULL;
	while (logfmt_next(&text, &name, &value)) {
		for (at = members; at->name != NULL; at++) {
			if (strcmp(at->name, buffer_string(&name)) == 0 &&
			    *member(record, at) == NULL)
				*member(record, at) =
					mem_strdup(buffer_string(&value));
		}
	}
	for (at = members; at->name != NULL; at++) {
		if (*member(record, at) == NULL)
			*member(record, at) = mem_strdup("");
	}
	buffer_release(&name);
	buffer_release(&value);
}

void log_members_release(void *record, const struct log_member *members)
{
	for (; members->name != NULL; members++)
		mem_free_string(member(record, members));
}
