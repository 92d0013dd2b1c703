#include "tests/fuzz/fuzz.h"

#include "admin/sender-log.h"
#include "common/buffer.h"
#include "common/logfmt.h"
#include "common/mem.h"

#include <string.h>

/* Any value, put in a line as the filter does it, is what is read of it. */
static void must_survive_a_line(const char *value)
{
	struct buffer line = BUFFER_INIT;
	struct sender_log log;

	if (strlen(value) > LOGFMT_VALUE_MAX)
		return;
	logfmt_add(&line, "queue_id", "4X");
	logfmt_add(&line, "verdict", "reject");
	logfmt_add(&line, "mode", "report");
	logfmt_add(&line, "login", value);
	logfmt_add(&line, "address", value);
	MUST(sender_log_parse(&log, buffer_string(&line)));
	MUST(strcmp(log.queue_id, "4X") == 0);
	MUST(strcmp(log.verdict, "reject") == 0);
	MUST(strcmp(log.mode, "report") == 0);
	MUST(strcmp(log.account, "") == 0);
	MUST(strcmp(log.login, value) == 0);
	MUST(strcmp(log.address, value) == 0);
	MUST(strcmp(log.reason, "") == 0);
	sender_log_release(&log);
	buffer_release(&line);
}

/* The input as a line of a log, and as a value that a user wrote. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct sender_log log;

	if (sender_log_parse(&log, text)) {
		MUST(strstr(text, "queue_id=") != NULL);
		sender_log_release(&log);
	}
	must_survive_a_line(text);
	mem_free_string(&text);
	return 0;
}
