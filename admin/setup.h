#ifndef ADMIN_SETUP_H
#define ADMIN_SETUP_H

#include "common/buffer.h"

#include <stdbool.h>

struct call;
struct error;

/*
 * Making Postfix or Dovecot use our parts, and putting back what was there.
 * What can't be done safely is refused, with the reason, and then nothing has
 * changed.
 */
enum setup_action {
	SETUP_PRINT, /* say what SETUP_APPLY would change */
	SETUP_APPLY,
	SETUP_REVERT,
};

struct setup {
	const struct call *call; /* whose options name parts, or none */
	enum setup_action action;
	struct buffer diff;  /* of all files; empty: nothing to change */
	struct buffer notes; /* lines to read after it */
};

/* One more note: a paragraph. */
void setup_note(struct setup *setup, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

int setup_dovecot(struct setup *setup, struct error *err_r);
int setup_postfix(struct setup *setup, struct error *err_r);

#endif
