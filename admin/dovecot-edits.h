#ifndef ADMIN_DOVECOT_EDITS_H
#define ADMIN_DOVECOT_EDITS_H

#include <stddef.h>

struct buffer;
struct error;

/* Changes of Dovecot's files that are tried out before they are made. */
struct dovecot_edit {
	char *path;
	char *before;
	char *after;
};

struct dovecot_edits {
	struct dovecot_edit *edit;
	size_t count;
};

/* The file's text as it would be. Valid until the next change. */
int dovecot_edits_text(const char **text_r, struct dovecot_edits *edits,
		       const char *path, struct error *err_r);

/* Of a file whose text was asked for; takes over text. */
void dovecot_edits_put(struct dovecot_edits *edits, const char *path,
		       char *text);

/*
 * What doveconf -n would say. The files are put in their places where nobody
 * else sees them: in a mount namespace. The caller's.
 */
int dovecot_edits_try(char **conf_r, const struct dovecot_edits *edits,
		      struct error *err_r);

/* All of them or none. */
int dovecot_edits_make(const struct dovecot_edits *edits, struct error *err_r);
int dovecot_edits_put_back(const struct dovecot_edits *edits,
			   struct error *err_r);

void dovecot_edits_diff(struct buffer *diff, const struct dovecot_edits *edits);
void dovecot_edits_release(struct dovecot_edits *edits);

#endif
