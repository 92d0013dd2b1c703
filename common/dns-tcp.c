#include "common/dns-tcp.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* RFC 1035 4.2.2: each message has its length before it. */
#define LENGTH_SIZE 2

static long long milliseconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_until_ready(int fd, short events, long long deadline)
{
	struct pollfd wanted = { .fd = fd, .events = events };
	int count;

	do {
		long long left = deadline - milliseconds_now();

		count = left > 0 ? poll(&wanted, 1, (int)left) : 0;
	} while (count < 0 && errno == EINTR);
	return count > 0;
}

/* The buffer of a new connection takes all of it at once. */
static bool
send_query(int fd, const unsigned char *query, size_t len, long long deadline)
{
	unsigned char framed[LENGTH_SIZE + DNS_TCP_QUERY_MAX];

	ns_put16((u_int)len, framed);
	memcpy(framed + LENGTH_SIZE, query, len);
	len += LENGTH_SIZE;
	return wait_until_ready(fd, POLLOUT, deadline) &&
	       send(fd, framed, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool
receive(int fd, unsigned char *data_r, size_t len, long long deadline)
{
	while (len > 0) {
		ssize_t got = -1;

		if (wait_until_ready(fd, POLLIN, deadline))
			got = recv(fd, data_r, len, 0);
		if (got <= 0)
			return false;
		data_r += got;
		len -= (size_t)got;
	}
	return true;
}

static ssize_t
receive_answer(int fd, unsigned char *answer_r, size_t size, long long deadline)
{
	unsigned char length[LENGTH_SIZE];
	size_t len;

	if (!receive(fd, length, sizeof(length), deadline))
		return -1;
	len = ns_get16(length);
	if (len < NS_HFIXEDSZ || len > size ||
	    !receive(fd, answer_r, len, deadline))
		return -1;
	return (ssize_t)len;
}

ssize_t dns_tcp_ask(const struct sockaddr *server, socklen_t server_len,
		    const unsigned char *query, size_t len,
		    unsigned char *answer_r, size_t size, int milliseconds)
{
	long long deadline = milliseconds_now() + milliseconds;
	ssize_t result = -1;
	int fd;

	if (len < NS_HFIXEDSZ || len > DNS_TCP_QUERY_MAX)
		return -1;
	fd = socket(server->sa_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if ((connect(fd, server, server_len) == 0 || errno == EINPROGRESS) &&
	    send_query(fd, query, len, deadline))
		result = receive_answer(fd, answer_r, size, deadline);
	(void)close(fd);
	return result >= 0 && memcmp(answer_r, query, NS_INT16SZ) == 0 ? result
								       : -1;
}
