#include "common/milter.h"

#include "common/charset.h"
#include "common/error.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/milter-callbacks.h"
#include "common/milter-libc.h"
#include "common/notify.h"
#include "common/sqlite.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

struct options {
	const char *conf_path;
	bool check;
	bool foreground;
};

/* A running daemon, as its signal thread sees it. */
struct run {
	const struct milter_daemon *daemon;
	const char *conf_path;
	char *socket;
	sigset_t signals;
};

static const char unix_scheme[] = "unix:";

#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* Postfix sends header fields of up to header_size_limit, 102400 octets. */
#define DATA_MAX ((size_t)256 * 1024)

static void print_usage(FILE *out, const char *name, const char *conf_path)
{
	(void)fprintf(out,
		      "usage: %s [-ft] [-c FILE]\n"
		      "  -c FILE  read this configuration file instead of\n"
		      "           %s\n"
		      "  -f       log to stderr, not to the system log\n"
		      "  -t       check the configuration and exit\n"
		      "  -V       print the version and exit\n"
		      "  -h       print this and exit\n",
		      name, conf_path);
}

/* Returns -1 to go on, or the exit status. */
static int read_options(struct options *options_r,
			const struct milter_daemon *daemon, int argc,
			char **argv)
{
	static const struct option names[] = {
		{ .name = "help", .val = 'h' },
		{ .name = "version", .val = 'V' },
		{ .name = NULL },
	};
	int option;

	*options_r = (struct options){ .conf_path = daemon->conf_path };
	while ((option = getopt_long(argc, argv, "c:fhtV", names, NULL)) >= 0) {
		switch (option) {
		case 'c':
			options_r->conf_path = optarg;
			break;
		case 'f':
			options_r->foreground = true;
			break;
		case 't':
			options_r->check = true;
			break;
		case 'V':
			(void)printf("%s (Countersign) %s\n", daemon->name,
				     COUNTERSIGN_VERSION);
			return EX_OK;
		case 'h':
			print_usage(stdout, daemon->name, daemon->conf_path);
			return EX_OK;
		default:
			print_usage(stderr, daemon->name, daemon->conf_path);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "%s: \"%s\" is not an option\n",
			      daemon->name, argv[optind]);
		print_usage(stderr, daemon->name, daemon->conf_path);
		return EX_USAGE;
	}
	return -1;
}

static const char *unix_path(const char *spec)
{
	return strncmp(spec, unix_scheme, strlen(unix_scheme)) == 0
		       ? spec + strlen(unix_scheme)
		       : NULL;
}

static int check_socket(const char *spec, struct error *err_r)
{
	const char *path = unix_path(spec);

	if (path == NULL && strncmp(spec, "inet:", 5) != 0 &&
	    strncmp(spec, "inet6:", 6) != 0)
		return error_set_as(err_r, EX_CONFIG,
				    "socket = %s: must begin with unix:, inet: "
				    "or inet6:",
				    spec);
	if (path != NULL && path[0] != '/')
		return error_set_as(err_r, EX_CONFIG,
				    "socket = %s: the path must begin with a "
				    "slash",
				    spec);
	if (path != NULL && strlen(path) > SOCKET_PATH_MAX)
		return error_set_as(err_r, EX_CONFIG,
				    "socket = %s: the path must not be longer "
				    "than %zu octets",
				    spec, SOCKET_PATH_MAX);
	return 0;
}

/* 0: free to bind; a file that is no socket is left alone. */
static int remove_stale_socket(const char *path, struct error *err_r)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat status;
	int fd, result = -1;

	if (lstat(path, &status) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set_as(err_r, EX_OSERR, "%s: %s", path,
				    strerror(errno));
	}
	if (!S_ISSOCK(status.st_mode))
		return error_set_as(err_r, EX_CANTCREAT,
				    "%s: is in the way and is not a socket",
				    path);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_set_as(err_r, EX_OSERR, "%s: %s", path,
				    strerror(errno));
	/* EAGAIN: somebody listens and is busy. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
	    errno == EAGAIN)
		error_set_as(err_r, EX_UNAVAILABLE,
			     "%s: another process listens on it", path);
	else if (errno != ECONNREFUSED)
		error_set_as(err_r, EX_OSERR,
			     "%s: can't tell whether it is in use: %s", path,
			     strerror(errno));
	else if (unlink(path) < 0 && errno != ENOENT)
		error_set_as(err_r, EX_CANTCREAT,
			     "%s: the stale socket can't be removed: %s", path,
			     strerror(errno));
	else
		result = 0;
	(void)close(fd);
	return result;
}

static int open_socket(const struct run *run, struct error *err_r)
{
	const char *path = unix_path(run->socket);
	mode_t old_mask;
	int result;

	if (path != NULL && remove_stale_socket(path, err_r) < 0)
		return -1;
	if (smfi_setconn(run->socket) != MI_SUCCESS)
		return error_set_as(err_r, EX_OSERR, "%s: libmilter refuses it",
				    run->socket);
	/* 0660 from the first moment on: connecting takes write permission. */
	old_mask = umask(0117);
	result = smfi_opensocket(false);
	(void)umask(old_mask);
	if (result != MI_SUCCESS)
		return error_set_as(err_r, EX_CANTCREAT,
				    "%s: can't listen there: its directory "
				    "must exist and be writable by this user, "
				    "its port be free; libmilter's log line "
				    "says more",
				    run->socket);
	return 0;
}

static void reload(const struct run *run)
{
	char state[64];
	struct timespec now;
	struct error err;
	char *new_socket = NULL;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_state(state);
	if (run->daemon->load(run->conf_path, &new_socket, &err) < 0) {
		log_error("reload failed, the old settings stay: %s", err.text);
	} else {
		log_info("reloaded %s", run->conf_path);
		if (strcmp(new_socket, run->socket) != 0)
			log_warning("socket = %s needs a restart; still "
				    "listening on %s",
				    new_socket, run->socket);
		mem_free_string(&new_socket);
	}
	notify_state("READY=1");
}

/*
 * Not through smfi_stop(): that can take seconds, drops the sessions all the
 * same, and returns while callbacks still run in other threads. For the same
 * reason nothing is freed and no exit handler runs.
 */
static void stop(const struct run *run, int number)
{
	const char *path = unix_path(run->socket);

	notify_state("STOPPING=1");
	if (path != NULL)
		(void)unlink(path);
	log_info("stopped by SIG%s", sigabbrev_np(number));
	_exit(EX_OK);
}

static void *serve_signals(void *arg)
{
	const struct run *run = arg;

	for (;;) {
		int number = sigwaitinfo(&run->signals, NULL);

		if (number == SIGHUP)
			reload(run);
		else if (number > 0)
			stop(run, number);
	}
	return NULL;
}

/* libmilter hands its callbacks nothing of ours. */
static const struct milter_daemon *running;

/*
 * Most messages without a login go by untouched, so it must not depend on the
 * MTA's configuration whether login and client are told: they are asked for
 * here. Without its leading space, a field is not what is sent.
 */
static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long mta_actions, unsigned long mta_steps,
	     unsigned long mta_2, unsigned long mta_3, unsigned long *actions_r,
	     unsigned long *steps_r, unsigned long *reserved_2_r,
	     unsigned long *reserved_3_r)
{
	unsigned long actions = running->actions | SMFIF_SETSYMLIST;
	unsigned long steps = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA |
			      SMFIP_NOUNKNOWN | SMFIP_NR_HDR |
			      SMFIP_HDR_LEADSPC | running->steps();
	unsigned long needed = steps & (SMFIP_HDR_LEADSPC | SMFIP_SKIP);

	(void)mta_2;
	(void)mta_3;
	if ((actions & ~mta_actions) != 0 || (needed & ~mta_steps) != 0 ||
	    !milter_ask_macros(ctx)) {
		log_error("the MTA lacks what %s needs of the milter protocol "
			  "(actions 0x%lx, steps 0x%lx); Postfix 2.6 or later "
			  "has it, with its default milter_protocol",
			  running->purpose, actions & ~mta_actions,
			  needed & ~mta_steps);
		return SMFIS_REJECT;
	}
	*actions_r = actions;
	*steps_r = steps;
	*reserved_2_r = 0;
	*reserved_3_r = 0;
	return SMFIS_CONTINUE;
}

static int serve(struct run *run, struct error *err_r)
{
	struct smfiDesc description = *run->daemon->callbacks;
	char *name = mem_strdup(run->daemon->name);
	pthread_t thread;
	int result = -1;

	charset_prepare();
	if (run->daemon->start != NULL)
		run->daemon->start();
	(void)smfi_setmaxdatasize(DATA_MAX);
	description.xxfi_name = name;
	description.xxfi_version = SMFI_VERSION;
	description.xxfi_flags = run->daemon->actions | SMFIF_SETSYMLIST;
	description.xxfi_negotiate = on_negotiate;
	running = run->daemon;
	if (smfi_register(description) != MI_SUCCESS) {
		error_set_as(err_r, EX_SOFTWARE,
			     "libmilter does not take the callbacks");
		goto out;
	}
	if (open_socket(run, err_r) < 0)
		goto out;
	result = pthread_create(&thread, NULL, serve_signals, run);
	if (result != 0) {
		result = error_set_as(err_r, EX_OSERR,
				      "the signal thread can't be started: %s",
				      strerror(result));
		goto out;
	}
	result = milter_libc_start(err_r);
	if (result < 0)
		goto out;
	log_info("started, version %s, listening on %s", COUNTERSIGN_VERSION,
		 run->socket);
	notify_state("READY=1");
	(void)smfi_main();
	/* Only a failure comes back, and callbacks may be running still. */
	log_error("libmilter gave up; its own log lines say why");
	_exit(EX_SOFTWARE);
out:
	mem_free_string(&name);
	return result;
}

int milter_run(const struct milter_daemon *daemon, int argc, char **argv)
{
	struct run run = { .daemon = daemon };
	struct options options;
	struct error err;
	int result = read_options(&options, daemon, argc, argv);

	if (result >= 0)
		return result;
	sqlite_prepare_daemon();
	log_open(daemon->name, options.foreground || options.check);
	if (options.foreground) /* libmilter knows syslog only */
		openlog(daemon->name, LOG_PERROR, LOG_MAIL);
	run.conf_path = options.conf_path;
	(void)sigemptyset(&run.signals);
	(void)sigaddset(&run.signals, SIGHUP);
	(void)sigaddset(&run.signals, SIGTERM);
	(void)sigaddset(&run.signals, SIGINT);

	/* Every thread inherits the mask. */
	(void)pthread_sigmask(SIG_BLOCK, &run.signals, NULL);

	if (daemon->load(run.conf_path, &run.socket, &err) < 0) {
		log_error("%s", err.text);
		return err.sysexit;
	}
	result = check_socket(run.socket, &err);
	if (result == 0 && options.check && daemon->check != NULL)
		result = daemon->check(&err);
	if (result == 0 && !options.check)
		result = serve(&run, &err);
	if (result < 0)
		log_error("%s", err.text);
	daemon->unload();
	mem_free_string(&run.socket);
	return result < 0 ? err.sysexit : EX_OK;
}
