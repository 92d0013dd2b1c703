#include "admin/dkim-publish.h"

#include "admin/spawn.h"
#include "common/buffer.h"
#include "common/dkim-table.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* RFC 1035 3.3: of one character-string. */
#define TXT_STRING_MAX 255

/* timeout(1) of coreutils, whose status this is when it ends the command. */
#define TIMEOUT "/usr/bin/timeout"
#define TIMEOUT_ENDED 124
#define TIMEOUT_KILLED 137

char *dkim_record_name(const struct dkim_table_entry *entry)
{
	return mem_printf("%s._domainkey.%s", entry->selector, entry->domain);
}

void dkim_record_append(struct buffer *out, const char *record,
			const char *before)
{
	size_t len = strlen(record), i;

	for (i = 0; i < len; i += TXT_STRING_MAX)
		buffer_printf(out, "%s\"%.*s\"", before, TXT_STRING_MAX,
			      record + i);
}

static int explain(const char *path, int status, struct error *err_r)
{
	if (status == 0)
		return 0;
	if (status == TIMEOUT_ENDED || status == TIMEOUT_KILLED)
		return error_set_as(err_r, EX_TEMPFAIL,
				    "publish_command %s did not end within %d "
				    "s",
				    path, DKIM_PUBLISH_SECONDS_MAX);
	return error_set_as(err_r, EX_UNAVAILABLE,
			    "publish_command %s ended with status %d", path,
			    status);
}

static int run(char *const *command, const struct dkim_table_entry *entry,
	       const char *verb, const char *input, struct error *err_r)
{
	char *name = dkim_record_name(entry);
	char *ttl = mem_printf("%d", DKIM_PUBLISH_TTL);
	char *limit = mem_printf("%d", DKIM_PUBLISH_SECONDS_MAX);
	size_t count = 0, n = 0;
	const char **argv;
	int result, status = 0;

	while (command[count] != NULL)
		count++;
	argv = mem_array(count + 8, sizeof(*argv));
	argv[n++] = TIMEOUT;
	argv[n++] = "--kill-after=5";
	argv[n++] = limit;
	memcpy(&argv[n], command, count * sizeof(*argv));
	n += count;
	argv[n++] = verb;
	argv[n++] = entry->domain;
	argv[n++] = name;
	argv[n++] = ttl;
	result = spawn_feed(argv, input, &status, err_r);
	if (result == 0)
		result = explain(command[0], status, err_r);
	free(argv);
	mem_free_string(&limit);
	mem_free_string(&ttl);
	mem_free_string(&name);
	return result;
}

int dkim_publish(char *const *command, const struct dkim_table_entry *entry,
		 const char *record, struct error *err_r)
{
	struct buffer input = BUFFER_INIT;
	int result;

	if (command[0] == NULL)
		return 0;
	if (command[0][0] != '/')
		return error_set_as(err_r, EX_CONFIG,
				    "publish_command must begin with the "
				    "whole path of a program, not with \"%s\"",
				    command[0]);
	if (record != NULL) {
		dkim_record_append(&input, record, " ");
		buffer_append_char(&input, '\n');
	}
	/* The space before the first string is not one of the record's. */
	result = run(command, entry, record != NULL ? "add" : "remove",
		     record != NULL ? buffer_string(&input) + 1 : "", err_r);
	buffer_release(&input);
	return result;
}
