#include "common/path.h"

#include "common/mailbox-list.h"
#include "common/network-list.h"
#include "common/policy.h"
#include "common/span.h"

#include <string.h>
#include <strings.h>

/*
 * Postfix tells a milter of mail that no client brought as if it came from a
 * loopback address, port 0 (cleanup_milter.c). No peer has that address who is
 * not on the host, and no process there has that port.
 */
static bool
is_local(const struct path_client *client, const struct network *host)
{
	return client->port != NULL && strcmp(client->port, "0") == 0 &&
	       network_is_loopback(host);
}

struct path
path_find(const struct network_list *networks, const struct path_client *client)
{
	struct path path = { .kind = PATH_OUTSIDE };

	if (client->login != NULL)
		path.kind = PATH_SUBMISSION;
	else if (client->address == NULL ||
		 !network_parse_client(&path.host, client->address))
		return path;
	else if (is_local(client, &path.host))
		path.kind = PATH_LOCAL;
	else if (network_list_find(networks, &path.host) != NULL)
		path.kind = PATH_NETWORK;
	return path;
}

const char *path_word(enum path_kind kind)
{
	switch (kind) {
	case PATH_LOCAL:
		return "local";
	case PATH_NETWORK:
		return "network";
	case PATH_OUTSIDE:
	case PATH_SUBMISSION:
		break;
	}
	return NULL;
}

/*
 * What "sendmail -bs" is given to send comes with a Received field of its own,
 * and has been nowhere: Postfix writes (localhost [127.0.0.1]) there. What a
 * client says of itself stands before that, and has no parenthesis. What it
 * says behind that, such as the name in its certificate, may have some.
 */
static bool is_from_here(const char *received)
{
	static const char *const hosts[] = { " [127.0.0.1]", " [IPv6:::1]" };
	const char *begin = strchr(received, '(');
	const char *end = begin != NULL ? strchr(begin, ')') : NULL;
	size_t i;

	for (i = 0; end != NULL && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		size_t len = strlen(hosts[i]);

		if ((size_t)(end - begin) > len &&
		    memcmp(end - len, hosts[i], len) == 0)
			return true;
	}
	return false;
}

/*
 * RFC 5321 4.4: "by" and the name of the host that wrote it. A comment that
 * holds the same is as good: whoever can write that can write the field.
 */
static bool is_received_by(const char *value, const char *host)
{
	struct span rest = { .at = value, .len = strlen(value) };
	bool by = false;

	for (;;) {
		struct span word = span_take_word(&rest);

		if (word.len == 0)
			return false;
		if (by && word.len == strlen(host) &&
		    strncasecmp(word.at, host, word.len) == 0)
			return true;
		by = word.len == 2 && strncasecmp(word.at, "by", 2) == 0;
	}
}

void path_read_field(struct path_marks *marks, const char *host,
		     const char *name, const char *value)
{
	if (strcasecmp(name, "X-Sieve-Redirected-From") == 0) {
		marks->sieve = true;
	} else if (host != NULL && strcasecmp(name, "Received") == 0 &&
		   !is_from_here(value)) {
		marks->received = true;
		if (is_received_by(value, host))
			marks->returned = true;
	}
}

/* As Postfix has it where double_bounce_sender is not set. */
static bool is_double_bounce(const char *mail_from)
{
	static const char local[] = "double-bounce@";

	return strncasecmp(mail_from, local, strlen(local)) == 0;
}

static bool is_from_daemon(const struct policy_field *from)
{
	struct mailbox_list list;
	bool daemon;

	if (mailbox_list_parse(&list, from->value, from->value_len, NULL) < 0)
		return false;
	daemon = list.count == 1 && list.groups == 0 &&
		 strcasecmp(list.mailboxes[0].address.local, "MAILER-DAEMON") ==
			 0;
	mailbox_list_release(&list);
	return daemon;
}

bool path_may_be_bounce(const char *mail_from)
{
	return mail_from[0] == '\0' || is_double_bounce(mail_from);
}

bool path_is_bounce(const char *mail_from, const struct policy_field *fields,
		    size_t count)
{
	const struct policy_field *from = NULL;
	size_t i;

	if (!path_may_be_bounce(mail_from))
		return false;
	for (i = 0; i < count; i++) {
		if (!policy_reads_field(fields[i].name))
			continue;
		if (from != NULL || strcasecmp(fields[i].name, "From") != 0)
			return false;
		from = &fields[i];
	}
	return from != NULL && is_from_daemon(from);
}
