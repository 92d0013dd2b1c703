#include "admin/kick.h"

#include "admin/call.h"
#include "admin/spawn.h"
#include "common/error.h"
#include "common/mem.h"

#include <arpa/inet.h>
#include <string.h>
#include <sysexits.h>

static const char doveadm[] = "/usr/bin/doveadm";

/* Of doveadm(1) 2.3: there was nobody to kick. */
#define DOVEADM_NOT_FOUND 68

/* Status 0 is not all: 2.3 has it too where auth does not answer, */
static const char flushed[] = " cache entries flushed";

/* and where it kicks nobody, for the sake of others in the same process. */
static const char not_kicked[] = "warning: other connections would also be ";

bool kick_is_exact(const char *account)
{
	struct in_addr address;

	if (strpbrk(account, "*?") != NULL)
		return false;
	return account[strspn(account, "0123456789")] == '\0' ||
	       inet_aton(account, &address) == 0;
}

int kick_check(const struct call *call, struct error *err_r)
{
	if (call_option(call, "kick") != NULL && call->no_publish)
		return error_set_as(err_r, EX_USAGE,
				    "--kick is for a change that is published: "
				    "clients log in again at once; leave "
				    "--no-publish out");
	return 0;
}

/* Of all that doveadm said its first line is the reason, as a rule. */
static int fail(const char *what, int status, char *said, struct error *err_r)
{
	said[strcspn(said, "\n")] = '\0';
	return error_set_as(err_r, EX_TEMPFAIL, "%s %s: %.300s (status %d)",
			    doveadm, what, said, status);
}

static int flush_cache(const char *account, struct error *err_r)
{
	const char *const argv[] = { doveadm, "auth",  "cache", "flush",
				     "--",    account, NULL };
	int status, result = 0;
	char *said;

	if (spawn_capture(argv, &said, &status, err_r) < 0)
		return -1;
	if (status != 0 || strstr(said, flushed) == NULL)
		result = fail("auth cache flush", status, said, err_r);
	mem_free_string(&said);
	return result;
}

static int end_connections(const char *account, struct error *err_r)
{
	const char *const argv[] = { doveadm, "kick", "--", account, NULL };
	int status, result = 0;
	char *said;

	if (spawn_capture(argv, &said, &status, err_r) < 0)
		return -1;
	if ((status != 0 && status != DOVEADM_NOT_FOUND) ||
	    strstr(said, not_kicked) != NULL)
		result = fail("kick", status, said, err_r);
	mem_free_string(&said);
	return result;
}

int kick_account(const struct call *call, const char *account,
		 struct error *err_r)
{
	struct error why;
	int cache, connections;

	if (call_option(call, "kick") == NULL)
		return 0;
	if (!kick_is_exact(account))
		return error_set_as(
			err_r, EX_UNAVAILABLE,
			"the change is made and published, but "
			"connections of \"%s\" may go on: \"doveadm "
			"kick\" would end others' with that name; "
			"see \"doveadm who\"",
			account);
	/* Nobody is let in from the cache once the connections are ended. */
	cache = flush_cache(account, &why);
	connections = end_connections(account, cache < 0 ? NULL : &why);
	if (cache == 0 && connections == 0)
		return 0;
	return error_set_as(
		err_r, EX_TEMPFAIL,
		"the change is made and published, but connections "
		"of \"%s\" may go on: %s; if Dovecot runs, end them "
		"with \"doveadm kick\"",
		account, why.text);
}
