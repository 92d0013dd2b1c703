#include "common/log-record.h"

#include "common/logfmt.h"

#include <assert.h>

void log_record_add(struct log_record *record, const char *name,
		    const char *value)
{
	assert(record->count < LOG_RECORD_MAX);
	record->pairs[record->count++] = (struct log_pair){
		.name = name,
		.value = value,
	};
}

void log_record_add_if_any(struct log_record *record, const char *name,
			   const char *value)
{
	if (value != NULL && value[0] != '\0')
		log_record_add(record, name, value);
}

void log_record_format(const struct log_record *record, struct buffer *line)
{
	size_t i;

	for (i = 0; i < record->count; i++)
		logfmt_add(line, record->pairs[i].name, record->pairs[i].value);
}
