#include "admin/lock.h"

#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

static void on_alarm(int signal_number)
{
	(void)signal_number; /* only to end flock() with EINTR */
}

/* flock() knows no time-out; an alarm without SA_RESTART gives it one. */
static int wait_for_lock(int fd)
{
	struct sigaction action = { .sa_handler = on_alarm }, old;
	int result, why;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, &old);
	(void)alarm(LOCK_WAIT_SECONDS);
	result = flock(fd, LOCK_EX);
	why = errno;
	(void)alarm(0);
	(void)sigaction(SIGALRM, &old, NULL);
	errno = why;
	return result;
}

int lock_take(int *fd_r, const char *folder, struct error *err_r)
{
	char *path = mem_printf("%s/lock", folder);
	int result = 0;

	*fd_r = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd_r < 0)
		result = error_set_as(
			err_r, errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE,
			"%s: %s", path, strerror(errno));
	else if (wait_for_lock(*fd_r) < 0)
		result = error_set_as(err_r, EX_TEMPFAIL, "%s: %s; try again",
				      path,
				      errno == EINTR ? "another countersign "
						       "command is at work"
						     : strerror(errno));
	if (result < 0)
		lock_release(fd_r);
	mem_free_string(&path);
	return result;
}

void lock_release(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
