#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include "common/buffer.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Packets of the milter protocol over a connection: a length, a command and
 * its data. What is put is sent when something is to be received, or when it
 * is flushed. Whatever goes wrong ends the process.
 */
struct wire {
	int fd;
	struct buffer out; /* not sent yet */
	struct buffer in;  /* the packet received last, command and data */
};

void wire_open(struct wire *wire_r, const char *socket_path);
void wire_close(struct wire *wire);

/* Begin a packet, say what is in it, end it. */
size_t wire_begin(struct wire *wire, char command);
void wire_put_number(struct wire *wire, uint32_t number);
void wire_put_string(struct wire *wire, const char *text); /* and its NUL */
void wire_end(struct wire *wire, size_t start);

/* One without data. */
void wire_put_command(struct wire *wire, char command);

void wire_flush(struct wire *wire);

/* The command; its data is in wire->in. */
char wire_receive(struct wire *wire);

/* From wire->in. */
uint32_t wire_get_number(const struct wire *wire, size_t at);

#endif
