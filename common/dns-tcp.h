#ifndef COMMON_DNS_TCP_H
#define COMMON_DNS_TCP_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Longer queries are not sent. */
#define DNS_TCP_QUERY_MAX 512

/*
 * Asks a name server over TCP (RFC 7766), and waits for at most so many
 * milliseconds in all. The length of the answer, which begins with the query's
 * ID, or -1. Thread-safe.
 */
ssize_t dns_tcp_ask(const struct sockaddr *server, socklen_t server_len,
		    const unsigned char *query, size_t len,
		    unsigned char *answer_r, size_t size, int milliseconds);

#endif
