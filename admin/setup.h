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

/* Whose configuration it is, and how it is told of a new one. */
struct setup_software {
	const char *name;
	const char *const *files;  /* all there if it is installed */
	const char *const *status; /* argv; ends with 0 if it runs */
	const char *const *reload; /* argv */

	/* Fills in diff and notes, and does what the action says. */
	int (*work)(struct setup *setup, struct error *err_r);
};

extern const struct setup_software setup_dovecot;
extern const struct setup_software setup_postfix;

/* The software's work; of two that would change something one at a time. */
int setup_run(struct setup *setup, const struct setup_software *software,
	      struct error *err_r);

/* The last of the work, once the files are changed. */
int setup_reload(struct setup *setup, const struct setup_software *software,
		 struct error *err_r);

#endif
