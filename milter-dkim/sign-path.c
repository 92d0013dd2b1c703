#include "milter-dkim/sign-path.h"

#include "common/path.h"
#include "milter-dkim/authors.h"
#include "milter-dkim/sign-rules.h"

#include <stddef.h>
#include <string.h>

static bool is_any(char *const *domains)
{
	return domains != NULL && *domains != NULL;
}

bool sign_path_may(const struct sign_rules *rules, const struct path *path,
		   const char *mail_from)
{
	switch (path->kind) {
	case PATH_OUTSIDE:
		break;
	case PATH_SUBMISSION:
	case PATH_NETWORK:
		return true;
	case PATH_LOCAL:
		return is_any(rules->local) || (is_any(rules->bounces) &&
						path_may_be_bounce(mail_from));
	}
	return false;
}

/* What names domains: a list of them, or else lines for the host's networks. */
struct naming {
	char *const *domains;
	const struct network_list *networks;
	const struct network *host;
};

static bool is_named(const struct naming *naming, const char *domain)
{
	char *const *entry;

	if (naming->networks != NULL)
		return network_list_names(naming->networks, naming->host,
					  domain);
	for (entry = naming->domains; entry != NULL && *entry != NULL;
	     entry++) {
		if (strcmp(*entry, domain) == 0)
			return true;
	}
	return false;
}

static bool
are_named(const struct naming *naming, const struct mailbox_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!is_named(naming, list->mailboxes[i].address.domain))
			return false;
	}
	return true;
}

/* All of them, as the policy has it of a login: not the first alone. */
static bool is_for(const struct naming *naming, const struct authors *authors)
{
	return are_named(naming, &authors->from) &&
	       are_named(naming, &authors->sender);
}

/* Dovecot's submission service writes Received: before it logs in here. */
const char *
sign_path_passed_on(const struct path *path, const struct path_marks *marks)
{
	if (marks->sieve)
		return "passed on by Sieve";
	if (marks->returned && path->kind != PATH_SUBMISSION)
		return "has come through this host before";
	/* By whatever name: a service of this one may have another. */
	if (marks->received && path->kind == PATH_LOCAL)
		return "has come through a host before";
	return NULL;
}

const char *sign_path_refusal(const struct sign_rules *rules,
			      const struct path *path, bool bounce,
			      const struct authors *authors)
{
	const struct naming local = { .domains = rules->local };
	const struct naming bounces = { .domains = rules->bounces };
	const struct naming networks = { .networks = &rules->domains,
					 .host = &path->host };

	switch (path->kind) {
	case PATH_SUBMISSION:
		return NULL;
	case PATH_LOCAL:
		if (is_for(&local, authors) ||
		    (bounce && is_for(&bounces, authors)))
			return NULL;
		return bounce ? "a bounce of a domain that sign_bounces does "
				"not name"
			      : "mail of the host itself, of a domain that "
				"sign_local does not name";
	case PATH_NETWORK:
		if (is_for(&networks, authors))
			return NULL;
		return "a domain that sign_networks does not name for the "
		       "client";
	case PATH_OUTSIDE:
		break;
	}
	return "from outside";
}
