#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define PACKET_MAX 1048576U

void wire_open(struct wire *wire_r, const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(wire_r, 0, sizeof(*wire_r));
	if (strlen(socket_path) >= sizeof(address.sun_path))
		errx(EX_USAGE, "%s: too long for a socket", socket_path);
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	wire_r->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire_r->fd < 0 || connect(wire_r->fd, (struct sockaddr *)&address,
				      sizeof(address)) < 0)
		err(EX_UNAVAILABLE, "%s", socket_path);
}

void wire_close(struct wire *wire)
{
	(void)close(wire->fd);
	buffer_release(&wire->out);
	buffer_release(&wire->in);
}

/* Room for the length, which wire_end() fills in. */
size_t wire_begin(struct wire *wire, char command)
{
	size_t start = wire->out.len;

	wire_put_number(wire, 0);
	buffer_append_char(&wire->out, command);
	return start;
}

void wire_put_number(struct wire *wire, uint32_t number)
{
	uint32_t network = htonl(number);

	buffer_append_bytes(&wire->out, &network, sizeof(network));
}

void wire_put_string(struct wire *wire, const char *text)
{
	buffer_append_bytes(&wire->out, text, strlen(text) + 1);
}

void wire_end(struct wire *wire, size_t start)
{
	uint32_t len = (uint32_t)(wire->out.len - start);
	uint32_t network = htonl(len - (uint32_t)sizeof(network));

	memcpy(wire->out.data + start, &network, sizeof(network));
}

void wire_put_command(struct wire *wire, char command)
{
	wire_end(wire, wire_begin(wire, command));
}

void wire_flush(struct wire *wire)
{
	size_t sent = 0;

	while (sent < wire->out.len) {
		ssize_t more = send(wire->fd, wire->out.data + sent,
				    wire->out.len - sent, MSG_NOSIGNAL);

		if (more < 0)
			err(EX_IOERR, "can't send to the filter");
		sent += (size_t)more;
	}
	buffer_clear(&wire->out);
}

static void receive_exactly(const struct wire *wire, void *data, size_t len)
{
	if (recv(wire->fd, data, len, MSG_WAITALL) != (ssize_t)len)
		errx(EX_IOERR, "the filter hung up");
}

char wire_receive(struct wire *wire)
{
	char piece[4096];
	uint32_t len;

	wire_flush(wire);
	receive_exactly(wire, &len, sizeof(len));
	len = ntohl(len);
	if (len == 0 || len > PACKET_MAX)
		errx(EX_PROTOCOL, "the filter sends a packet of %u octets",
		     len);
	buffer_clear(&wire->in);
	while (len > 0) {
		uint32_t part = len < sizeof(piece) ? len : sizeof(piece);

		receive_exactly(wire, piece, part);
		buffer_append_bytes(&wire->in, piece, part);
		len -= part;
	}
	return wire->in.data[0];
}

uint32_t wire_get_number(const struct wire *wire, size_t at)
{
	uint32_t network;

	if (at + sizeof(network) > wire->in.len)
		errx(EX_PROTOCOL, "the filter sends a packet that is too "
				  "short");
	memcpy(&network, wire->in.data + at, sizeof(network));
	return ntohl(network);
}
