#include "common/journal.h"

#include "common/buffer.h"
#include "common/log-record.h"

#include <ctype.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

/* An entry is about a message; which line of ours wrote it is of no use. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

static const char socket_path[] = "/run/systemd/journal/socket";

#define ENTRY_FIELDS_MAX (LOG_RECORD_MAX + 5)

/* Fields behind each other, and where each ends. */
struct entry {
	struct buffer text;
	size_t ends[ENTRY_FIELDS_MAX];
	size_t count;
};

static void end_field(struct entry *entry)
{
	entry->ends[entry->count++] = entry->text.len;
}

static void add_pair(struct entry *entry, const struct log_pair *pair)
{
	const char *c;

	buffer_append_string(&entry->text, "COUNTERSIGN_");
	for (c = pair->name; *c != '\0'; c++)
		buffer_append_char(&entry->text, (char)toupper(*c));
	buffer_printf(&entry->text, "=%.*s", JOURNAL_VALUE_MAX, pair->value);
	end_field(entry);
}

/* Where a value has a newline, sd_journal_sendv() tells its length instead of
 * ending it by one. */
static int send_entry(const struct entry *entry)
{
	struct iovec fields[ENTRY_FIELDS_MAX];
	size_t i, start = 0;

	for (i = 0; i < entry->count; i++) {
		fields[i].iov_base = entry->text.data + start;
		fields[i].iov_len = entry->ends[i] - start;
		start = entry->ends[i];
	}
	return sd_journal_sendv(fields, (int)entry->count);
}

/* Without it sd_journal_sendv() says that all went well. */
bool journal_is_there(void)
{
	return sd_booted() > 0 && access(socket_path, W_OK) == 0;
}

bool journal_write(const char *ident, int priority, const char *line,
		   const struct log_record *record)
{
	struct entry entry = { .text = BUFFER_INIT, .count = 0 };
	size_t i;
	bool taken;

	buffer_printf(&entry.text, "MESSAGE=%s", line);
	end_field(&entry);
	buffer_printf(&entry.text, "PRIORITY=%d", priority);
	end_field(&entry);
	buffer_printf(&entry.text, "SYSLOG_FACILITY=%d", LOG_FAC(LOG_MAIL));
	end_field(&entry);
	buffer_printf(&entry.text, "SYSLOG_IDENTIFIER=%s", ident);
	end_field(&entry);
	buffer_printf(&entry.text, "SYSLOG_PID=%ld", (long)getpid());
	end_field(&entry);
	for (i = 0; record != NULL && i < record->count; i++)
		add_pair(&entry, &record->pairs[i]);
	taken = send_entry(&entry) == 0;
	buffer_release(&entry.text);
	return taken;
}
