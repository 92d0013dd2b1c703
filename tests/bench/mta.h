#ifndef TESTS_BENCH_MTA_H
#define TESTS_BENCH_MTA_H

#include "tests/bench/wire.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The MTA's side of the milter protocol, as Postfix speaks it: what it offers,
 * which macros it tells, what it sends in one write. Whatever goes wrong ends
 * the process.
 */

#define MTA_STAGES 7 /* the SMFIM_ values */
#define MTA_MACROS_SIZE 256

struct mta {
	struct wire wire;
	uint32_t actions; /* what the filter wants: SMFIF_ */
	uint32_t steps;	  /* SMFIP_ */
	char macros[MTA_STAGES][MTA_MACROS_SIZE]; /* "": nothing special */
};

struct mta_field {
	const char *name;
	const char *value;
};

/* All borrowed. */
struct mta_message {
	const char *queue_id;
	const char *login;
	const char *mail_from;
	const struct mta_field *fields;
	size_t count;
	const char *body;
	size_t body_len;
};

enum mta_answer {
	MTA_ACCEPTED,
	MTA_REJECTED,
	MTA_DEFERRED,
};
#define MTA_ANSWER_COUNT 3

/* Opens the connection, negotiates, and tells of the client. */
void mta_open(struct mta *mta_r, const char *socket_path);

/* As much of the message as the filter wants to see. */
enum mta_answer mta_send(struct mta *mta, const struct mta_message *message);

void mta_close(struct mta *mta);

#endif
