#include "admin/spawn.h"

#include "common/buffer.h"
#include "common/error.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static int fail(const char *path, int why, struct error *err_r)
{
	return error_set_as(err_r, EX_OSERR, "%s: can't be run: %s", path,
			    strerror(why));
}

/* input -1: nothing. */
static int start(pid_t *pid_r, const char *const *argv, int input, int output,
		 int errors, struct error *err_r)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int why;

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attributes, &defaults);
	(void)posix_spawn_file_actions_init(&actions);
	if (input >= 0)
		why = posix_spawn_file_actions_adddup2(&actions, input,
						       STDIN_FILENO);
	else
		why = posix_spawn_file_actions_addopen(
			&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (why == 0)
		why = posix_spawn_file_actions_adddup2(&actions, output,
						       STDOUT_FILENO);
	if (why == 0)
		why = posix_spawn_file_actions_adddup2(&actions, errors,
						       STDERR_FILENO);
	/* posix_spawn() takes argv as it always was, and does not write. */
	if (why == 0)
		why = posix_spawn(pid_r, argv[0], &actions, &attributes,
				  (char *const *)(const void *)argv,
				  environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return why == 0 ? 0 : fail(argv[0], why, err_r);
}

/* What is beyond the limit is read too, so that the writer can end. */
static void read_all(int fd, struct buffer *text)
{
	char part[512];
	ssize_t len;

	while ((len = read(fd, part, sizeof(part))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return;
		if (text->len <= SPAWN_OUTPUT_MAX_KB * 1024)
			buffer_append_bytes(text, part, (size_t)len);
	}
}

static int
wait_for_status(pid_t pid, const char *path, int *status_r, struct error *err_r)
{
	while (waitpid(pid, status_r, 0) < 0) {
		if (errno != EINTR)
			return fail(path, errno, err_r);
	}
	return 0;
}

static int wait_for(pid_t pid, const char *path, struct error *err_r)
{
	int status;

	if (wait_for_status(pid, path, &status, err_r) < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set_as(err_r, EX_UNAVAILABLE, "%s: ended with %s %d", path,
			    WIFEXITED(status) ? "status" : "signal",
			    WIFEXITED(status) ? WEXITSTATUS(status)
					      : WTERMSIG(status));
}

int spawn_run(const char *const *argv, char **output_r, struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	int ends[2] = { -1, -1 };
	int result;
	pid_t pid;

	if (output_r != NULL && pipe2(ends, O_CLOEXEC) < 0)
		return fail(argv[0], errno, err_r);
	result = start(&pid, argv, -1,
		       output_r != NULL ? ends[1] : STDERR_FILENO,
		       STDERR_FILENO, err_r);
	if (ends[1] >= 0)
		(void)close(ends[1]);
	if (result == 0) {
		if (output_r != NULL)
			read_all(ends[0], &text);
		result = wait_for(pid, argv[0], err_r);
	}
	if (ends[0] >= 0)
		(void)close(ends[0]);
	if (result == 0 && text.len > SPAWN_OUTPUT_MAX_KB * 1024)
		result = error_set_as(err_r, EX_UNAVAILABLE,
				      "%s: says more than %d KB", argv[0],
				      SPAWN_OUTPUT_MAX_KB);
	if (result == 0 && output_r != NULL)
		*output_r = buffer_steal(&text);
	buffer_release(&text);
	return result;
}

static int shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn_capture(const char *const *argv, char **said_r, int *status_r,
		  struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	int ends[2];
	int result, status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(argv[0], errno, err_r);
	result = start(&pid, argv, -1, ends[1], ends[1], err_r);
	(void)close(ends[1]);
	if (result == 0) {
		read_all(ends[0], &text);
		result = wait_for_status(pid, argv[0], &status, err_r);
	}
	(void)close(ends[0]);
	if (result == 0) {
		*status_r = shell_status(status);
		*said_r = buffer_steal(&text);
	}
	buffer_release(&text);
	return result;
}

int spawn_feed(const char *const *argv, const char *input, int *status_r,
	       struct error *err_r)
{
	size_t len = strlen(input);
	int ends[2];
	int result = 0, status;
	pid_t pid;

	assert(len <= SPAWN_INPUT_MAX);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(argv[0], errno, err_r);
	/* A pipe takes that much before anybody reads. */
	if (write(ends[1], input, len) != (ssize_t)len)
		result = fail(argv[0], errno, err_r);
	(void)close(ends[1]);
	if (result == 0)
		result = start(&pid, argv, ends[0], STDERR_FILENO,
			       STDERR_FILENO, err_r);
	(void)close(ends[0]);
	if (result == 0)
		result = wait_for_status(pid, argv[0], &status, err_r);
	if (result == 0)
		*status_r = shell_status(status);
	return result;
}

int spawn_open(struct spawn *spawn_r, const char *const *argv,
	       struct error *err_r)
{
	int ends[2];
	int result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(argv[0], errno, err_r);
	spawn_r->path = argv[0];
	result = start(&spawn_r->pid, argv, -1, ends[1], STDERR_FILENO, err_r);
	(void)close(ends[1]);
	if (result < 0) {
		(void)close(ends[0]);
		return -1;
	}
	spawn_r->output = fdopen(ends[0], "r");
	if (spawn_r->output == NULL)
		abort();
	return 0;
}

int spawn_close(struct spawn *spawn, struct error *err_r)
{
	(void)fclose(spawn->output);
	return wait_for(spawn->pid, spawn->path, err_r);
}

bool spawn_test(const char *const *argv)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool yes = false;
	pid_t pid;

	if (nowhere < 0)
		return false;
	if (start(&pid, argv, -1, nowhere, nowhere, NULL) == 0)
		yes = wait_for(pid, argv[0], NULL) == 0;
	(void)close(nowhere);
	return yes;
}
