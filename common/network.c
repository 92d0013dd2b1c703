#include "common/network.h"

#include "common/error.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#define BITS_MAX 128
#define MAPPED_BITS 96

static const unsigned char mapped[MAPPED_BITS / 8] = {
	[10] = 0xff, [11] = 0xff
};

static bool is_ipv4(const struct network *network)
{
	return network->bits >= MAPPED_BITS &&
	       memcmp(network->address, mapped, sizeof(mapped)) == 0;
}

/* A host; *family_r is how it was written. */
static bool parse_host(struct network *host_r, const char *text, int *family_r)
{
	host_r->bits = BITS_MAX;
	*family_r = AF_INET6;
	if (inet_pton(AF_INET6, text, host_r->address) == 1)
		return true;
	*family_r = AF_INET;
	memcpy(host_r->address, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, host_r->address + sizeof(mapped)) == 1;
}

/* A decimal number without a leading zero, at most max. */
static bool
parse_length(unsigned int *length_r, const char *text, unsigned int max)
{
	unsigned int length = 0;
	const char *digit;

	for (digit = text; *digit >= '0' && *digit <= '9'; digit++) {
		length = 10 * length + (unsigned int)(*digit - '0');
		if (length > max)
			return false;
	}
	*length_r = length;
	return digit > text && *digit == '\0' &&
	       (text[0] != '0' || text[1] == '\0');
}

static bool bit(const struct network *network, unsigned int number)
{
	return (network->address[number / 8] & (0x80 >> number % 8)) != 0;
}

static bool has_host_bits(const struct network *network)
{
	unsigned int number;

	for (number = network->bits; number < BITS_MAX; number++) {
		if (bit(network, number))
			return true;
	}
	return false;
}

int network_parse(struct network *network_r, const char *text,
		  struct error *err_r)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN] = "";
	unsigned int length, max;
	int family;

	if (len < sizeof(host))
		memcpy(host, text, len);
	if (!parse_host(network_r, host, &family))
		return error_set(err_r,
				 "\"%s\" is no IP address or network, such as "
				 "192.0.2.0/24 or 2001:db8::/64",
				 text);
	if (slash == NULL)
		return 0;
	max = family == AF_INET ? BITS_MAX - MAPPED_BITS : BITS_MAX;
	if (!parse_length(&length, slash + 1, max))
		return error_set(err_r,
				 "\"%s\": behind the slash there must be a "
				 "number from 0 to %u",
				 text, max);
	network_r->bits = length + BITS_MAX - max;
	if (has_host_bits(network_r))
		return error_set(err_r,
				 "\"%s\" has bits set behind the first %u: "
				 "write the network's own address, or no "
				 "length for one host",
				 text, length);
	return 0;
}

bool network_parse_client(struct network *host_r, const char *text)
{
	static const char prefix[] = "IPv6:"; /* RFC 5321 4.1.3 */
	int family;

	if (strncasecmp(text, prefix, strlen(prefix)) == 0)
		text += strlen(prefix);
	return parse_host(host_r, text, &family);
}

bool network_contains(const struct network *network,
		      const struct network *other)
{
	unsigned int octets = network->bits / 8, rest = network->bits % 8;
	unsigned int mask = (0xff00U >> rest) & 0xff;

	if (other->bits < network->bits || is_ipv4(network) != is_ipv4(other) ||
	    memcmp(network->address, other->address, octets) != 0)
		return false;
	return rest == 0 ||
	       ((network->address[octets] ^ other->address[octets]) & mask) ==
		       0;
}

bool network_is_loopback(const struct network *host)
{
	static const struct network ipv4 = {
		.address = { [10] = 0xff, [11] = 0xff, [12] = 127 },
		.bits = MAPPED_BITS + 8,
	};
	static const struct network ipv6 = { .address = { [15] = 1 },
					     .bits = BITS_MAX };

	return network_contains(&ipv4, host) || network_contains(&ipv6, host);
}
