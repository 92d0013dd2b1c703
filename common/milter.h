#ifndef COMMON_MILTER_H
#define COMMON_MILTER_H

#include <stdbool.h>

struct error;
struct smfiDesc;

/*
 * What both milter daemons do around their callbacks: options (-c FILE, -t,
 * -f, -V), socket, signals, readiness, reload, end.
 */
struct milter_daemon {
	const char *name;      /* "milter-dkim" */
	const char *conf_path; /* without -c */
	struct smfiDesc *callbacks;
	unsigned long actions; /* SMFIF_ bits: exactly those used */

	/*
	 * Read the configuration and all that it names, swap it in whole, and
	 * leave what was there on error. socket_r (at the first load only
	 * used): "unix:/path" or "inet:port@host"; the caller's to free.
	 */
	int (*load)(const char *conf_path, char **socket_r,
		    struct error *err_r);
	void (*unload)(void);
};

/*
 * Runs the daemon and returns its exit status: 0, or a sysexits value with
 * the reason logged. SIGHUP calls load again; SIGTERM and SIGINT end it when
 * the messages at hand are done. A stale socket file is removed only if
 * nobody listens on it.
 */
int milter_run(const struct milter_daemon *daemon, int argc, char **argv);

#endif
