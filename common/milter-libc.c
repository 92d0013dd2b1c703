#include "common/milter-libc.h"

#include "common/error.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/milter-read.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>

typedef int
create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* A thread that could not be had yet. */
struct late_thread {
	void *(*start)(void *);
	void *arg;
	struct late_thread *next;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct late_thread *first, *last;
	bool served;
	time_t said; /* that one could not be had */
} late = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER,
};

/* Until what lacks may be there again: nothing tells when it is. */
static void wait_a_while(void)
{
	const struct timespec while_ = { .tv_nsec = 100 * 1000 * 1000 };

	(void)nanosleep(&while_, NULL);
}

/* Not more than once a minute. */
static bool is_due(time_t *last)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (*last != 0 && now.tv_sec - *last < 60)
		return false;
	*last = now.tv_sec;
	return true;
}

__attribute__((visibility("default"))) int
sigwait(const sigset_t *restrict set, int *restrict sig)
{
	sigset_t rest = *set;
	int number;

	(void)sigdelset(&rest, SIGHUP);
	(void)sigdelset(&rest, SIGTERM);
	(void)sigdelset(&rest, SIGINT);
	do {
		number = sigwaitinfo(&rest, NULL);
	} while (number < 0 && errno == EINTR);
	if (number < 0)
		return errno;
	*sig = number;
	return 0;
}

/* The C library's, or a sanitizer's before it. */
static int create(pthread_t *thread, const pthread_attr_t *attr,
		  void *(*start)(void *), void *arg)
{
	create_function *next =
		(create_function *)dlsym(RTLD_NEXT, "pthread_create");

	return next != NULL ? next(thread, attr, start, arg) : ENOSYS;
}

static void add_late(void *(*start)(void *), void *arg, int why)
{
	struct late_thread *thread = mem_alloc(sizeof(*thread));

	thread->start = start;
	thread->arg = arg;
	if (late.first != NULL)
		late.last->next = thread;
	else
		late.first = thread;
	late.last = thread;
	if (is_due(&late.said))
		log_warning("no thread can be started now (%s): sessions wait, "
			    "and the MTA puts their mail off; see to the limit "
			    "of tasks or memory",
			    strerror(why));
	(void)pthread_cond_signal(&late.wake);
}

/* Whoever asked must not look at *thread: libmilter does not. */
__attribute__((visibility("default"))) int
pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
	       void *(*start)(void *), void *restrict arg)
{
	int result = create(thread, attr, start, arg);

	if (result != EAGAIN)
		return result;
	(void)pthread_mutex_lock(&late.lock);
	if (late.served) {
		add_late(start, arg, result);
		*thread = pthread_self();
		result = 0;
	}
	(void)pthread_mutex_unlock(&late.lock);
	return result;
}

static void start_first(void)
{
	struct late_thread *first = late.first;
	pthread_t thread;

	if (create(&thread, NULL, first->start, first->arg) != 0) {
		(void)pthread_mutex_unlock(&late.lock);
		wait_a_while();
		(void)pthread_mutex_lock(&late.lock);
		return;
	}
	late.first = first->next;
	free(first);
}

static void *serve_late(void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&late.lock);
	for (;;) {
		while (late.first == NULL)
			(void)pthread_cond_wait(&late.wake, &late.lock);
		start_first();
	}
	return NULL;
}

int milter_libc_start(struct error *err_r)
{
	pthread_t thread;
	int result = create(&thread, NULL, serve_late, NULL);

	if (result != 0)
		return error_set_as(err_r, EX_OSERR,
				    "a thread can't be started: %s",
				    strerror(result));
	(void)pthread_mutex_lock(&late.lock);
	late.served = true;
	(void)pthread_mutex_unlock(&late.lock);
	return 0;
}

static bool lacks_resources(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOBUFS ||
	       code == ENOMEM;
}

/* Called by libmilter's one listening thread alone. */
__attribute__((visibility("default"))) int
accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict len)
{
	static time_t said;
	int connection = accept4(fd, address, len, SOCK_CLOEXEC);
	int code = errno;

	if (connection < 0 && lacks_resources(code)) {
		if (is_due(&said))
			log_warning("no connection can be taken now (%s): the "
				    "MTA puts its mail off; see to the limit "
				    "of open files",
				    strerror(code));
		wait_a_while();
	}
	if (connection >= 0)
		milter_read_watch(connection);
	errno = code;
	return connection;
}
