#ifndef COMMON_NETWORK_H
#define COMMON_NETWORK_H

#include <stdbool.h>

struct error;

/*
 * An IP network, or one host of it. IPv4 is kept as RFC 4291 2.5.5.2 maps it,
 * so that both spellings of it are one.
 */
struct network {
	unsigned char address[16];
	unsigned int bits; /* of those 128 */
};

/*
 * "192.0.2.0/24", "2001:db8::/64", or a host without a length. Bits set behind
 * the length are an error, since either of the two is a mistake then.
 */
int network_parse(struct network *network_r, const char *text,
		  struct error *err_r);

/*
 * A client's address as Postfix tells it, "192.0.2.7", "2001:db8::7" or
 * "IPv6:2001:db8::7"; false if it is none ("unknown").
 */
bool network_parse_client(struct network *host_r, const char *text);

/* IPv6 networks, ::/0 too, hold no IPv4 host. */
bool network_contains(const struct network *network,
		      const struct network *other);

/* 127.0.0.0/8 or ::1. */
bool network_is_loopback(const struct network *host);

#endif
