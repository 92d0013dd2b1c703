#ifndef ADMIN_DKIM_PUBLISH_H
#define ADMIN_DKIM_PUBLISH_H

struct buffer;
struct dkim_table_entry;
struct error;

/* Of the records that are published by a command, in seconds. */
#define DKIM_PUBLISH_TTL 3600

#define DKIM_PUBLISH_SECONDS_MAX 60

/* "2026-11-rsa._domainkey.example.org"; the caller's. */
char *dkim_record_name(const struct dkim_table_entry *entry);

/* A record's text as strings of zone text (RFC 1035 5.1), before each that. */
void dkim_record_append(struct buffer *out, const char *record,
			const char *before);

/*
 * Run the site's command (publish_command, NULL-ended) to have the entry's
 * record put in DNS, or taken out where record is NULL; an empty command does
 * nothing. It is given "add" or "remove", domain, record name and TTL as its
 * last arguments, and the record's strings on standard input. EX_TEMPFAIL if it
 * does not end in time.
 */
int dkim_publish(char *const *command, const struct dkim_table_entry *entry,
		 const char *record, struct error *err_r);

#endif
