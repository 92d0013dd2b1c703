#include "milter-sender-check/sender-path.h"

#include "milter-sender-check/path-rules.h"

#include <stddef.h>

struct sender_path sender_path_find(const struct path_rules *rules,
				    const struct path_client *client)
{
	const struct path path = path_find(&rules->accounts, client);
	struct sender_path found = { .kind = path.kind };

	switch (path.kind) {
	case PATH_OUTSIDE:
		break;
	case PATH_SUBMISSION:
		found.account = client->login;
		break;
	case PATH_LOCAL:
		if (rules->local_kind == PATH_LOCAL_ACCOUNT)
			found.account = rules->local;
		break;
	case PATH_NETWORK:
		found.account = network_list_find(&rules->accounts, &path.host);
		break;
	}
	return found;
}

static const char *exemption(const struct path_rules *rules,
			     const struct sender_path *path,
			     const struct path_marks *marks, bool bounce)
{
	if (path->kind == PATH_SUBMISSION)
		return NULL;
	if (path->kind == PATH_LOCAL) {
		if (rules->local_kind == PATH_LOCAL_EXEMPT)
			return "the mail of the host itself is exempt";
		if (bounce)
			return "a bounce of the MTA's own";
	}
	if (rules->redirected == PATH_REDIRECTED_EXEMPT) {
		if (marks->sieve)
			return "redirected by Sieve, which is exempt";
		if (marks->returned)
			return "has come through this host before, which is "
			       "exempt";
	}
	return NULL;
}

enum sender_path_action
sender_path_decide(const char **reason_r, const struct path_rules *rules,
		   const struct sender_path *path,
		   const struct path_marks *marks, bool bounce)
{
	*reason_r = exemption(rules, path, marks, bounce);
	if (*reason_r != NULL)
		return SENDER_PATH_PASS;
	return path->account != NULL ? SENDER_PATH_CHECK : SENDER_PATH_REFUSE;
}
