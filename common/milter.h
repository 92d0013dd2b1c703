#ifndef COMMON_MILTER_H
#define COMMON_MILTER_H

struct error;
struct smfiDesc;

/*
 * What both milter daemons do around their callbacks: options (-c FILE, -t,
 * -f, -V, -h), socket, signals, readiness, reload, end.
 */
struct milter_daemon {
	const char *name;      /* "milter-dkim" */
	const char *conf_path; /* without -c */

	/* milter_run() fills in name, version, flags and xxfi_negotiate. */
	const struct smfiDesc *callbacks;

	/*
	 * What each connection asks for: SMFIF_ bits, exactly those used, and
	 * SMFIP_ bits beside those that all milters here have in common. An
	 * MTA that lacks something is turned away: it lacks what purpose
	 * ("signing") needs.
	 */
	const char *purpose;
	unsigned long actions;
	unsigned long (*steps)(void);

	/*
	 * Read the configuration and all that it names, swap it in whole, and
	 * leave what was there on error. Callbacks run in other threads
	 * meanwhile, except at the first load. socket_r (used only then):
	 * "unix:/path", "inet:port@host" or "inet6:port@host"; the caller's to
	 * free.
	 */
	int (*load)(const char *conf_path, char **socket_r,
		    struct error *err_r);

	/*
	 * -t alone: check what load() leaves for later. NULL: it leaves
	 * nothing.
	 */
	int (*check)(struct error *err_r);

	/* Once, before the first message; NULL: nothing is to be done. */
	void (*start)(void);

	/*
	 * Free what load() made. Called only where no callback can be running:
	 * after -t and after a failed start.
	 */
	void (*unload)(void);
};

/*
 * Runs the daemon and returns its exit status: a sysexits value with the
 * reason logged, or 0 after -t, -V and -h. SIGHUP calls load() again. SIGTERM
 * and SIGINT end the process at once with status 0, and do not return:
 * Postfix answers the messages at hand with 451 (milter_default_action). A
 * stale socket file is removed only if nobody listens on it.
 */
int milter_run(const struct milter_daemon *daemon, int argc, char **argv);

#endif
