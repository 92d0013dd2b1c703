#include "common/milter-read.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The commands of a usual header, and less than a chunk of the body. */
#define AHEAD_SIZE 8192

/* Descriptors from here on are not read ahead. */
#define WATCHED_MAX 65536

typedef int poll_function(struct pollfd *, nfds_t, int);
typedef ssize_t read_function(int, void *, size_t);
typedef int close_function(int);

/*
 * By descriptor, the number of the connection it is, or 0. No two have one
 * number: what was read of one is never taken for another's.
 */
static _Atomic uint64_t watched[WATCHED_MAX];

static _Thread_local struct {
	int fd;		     /* polled last, */
	uint64_t connection; /* when it was this one */
	size_t start, end;   /* of its data, not yet handed on */
	char data[AHEAD_SIZE];
} ahead;

/* The C library's function, or a sanitizer's before it. */
static void *next(_Atomic(void *) *found, const char *name)
{
	void *function = atomic_load_explicit(found, memory_order_relaxed);

	if (function != NULL)
		return function;
	function = dlsym(RTLD_NEXT, name);
	if (function == NULL)
		abort();
	atomic_store_explicit(found, function, memory_order_relaxed);
	return function;
}

static int next_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	static _Atomic(void *) found;

	return ((poll_function *)next(&found, "poll"))(fds, count, timeout);
}

static ssize_t next_read(int fd, void *data, size_t size)
{
	static _Atomic(void *) found;

	return ((read_function *)next(&found, "read"))(fd, data, size);
}

static int next_close(int fd)
{
	static _Atomic(void *) found;

	return ((close_function *)next(&found, "close"))(fd);
}

static bool can_be_watched(int fd)
{
	return fd >= 0 && fd < WATCHED_MAX;
}

void milter_read_watch(int fd)
{
	static _Atomic uint64_t last;

	if (can_be_watched(fd))
		atomic_store(&watched[fd], atomic_fetch_add(&last, 1) + 1);
}

static uint64_t connection_of(int fd)
{
	return can_be_watched(fd) ? atomic_load(&watched[fd]) : 0;
}

static bool is_open(void)
{
	return ahead.connection != 0 &&
	       ahead.connection == connection_of(ahead.fd);
}

static bool is_polled(int fd)
{
	return fd == ahead.fd && is_open();
}

static bool has_data(int fd)
{
	return is_polled(fd) && ahead.start < ahead.end;
}

/* Not as long as another one's data is held. */
static void watch_polled(int fd)
{
	if (connection_of(fd) == 0 || has_data(ahead.fd))
		return;
	ahead.fd = fd;
	ahead.connection = connection_of(fd);
	ahead.start = 0;
	ahead.end = 0;
}

/*
 * 1 if what is held answers it, else 0. Not inlined: <poll.h> says of poll()
 * that it only writes to what it is handed, so gcc takes it for not yet set.
 */
static int __attribute__((noinline)) poll_ahead(struct pollfd *polled)
{
	if (has_data(polled->fd) && (polled->events & POLLIN) != 0) {
		polled->revents = POLLIN;
		return 1;
	}
	watch_polled(polled->fd);
	return 0;
}

__attribute__((visibility("default"))) int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (count == 1 && poll_ahead(fds) == 1)
		return 1;
	return next_poll(fds, count, timeout);
}

static size_t take(void *data, size_t size)
{
	size_t len = ahead.end - ahead.start;

	if (len > size)
		len = size;
	memcpy(data, ahead.data + ahead.start, len);
	ahead.start += len;
	return len;
}

__attribute__((visibility("default"))) ssize_t
read(int fd, void *data, size_t size)
{
	ssize_t len;

	if (has_data(fd))
		return (ssize_t)take(data, size);
	if (!is_polled(fd) || size == 0 || size >= AHEAD_SIZE)
		return next_read(fd, data, size);
	len = next_read(fd, ahead.data, AHEAD_SIZE);
	if (len <= 0)
		return len;
	ahead.start = 0;
	ahead.end = (size_t)len;
	return (ssize_t)take(data, size);
}

__attribute__((visibility("default"))) int close(int fd)
{
	if (can_be_watched(fd))
		atomic_store(&watched[fd], 0);
	return next_close(fd);
}
