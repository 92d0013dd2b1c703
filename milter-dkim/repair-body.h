#ifndef MILTER_DKIM_REPAIR_BODY_H
#define MILTER_DKIM_REPAIR_BODY_H

#include "common/buffer.h"
#include "milter-dkim/mime-entity.h"
#include "milter-dkim/mime-lines.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A body as it comes, kept as long as it may have to be changed: its begin
 * until there is a sign of that, and then all of it. Most bodies give no sign,
 * and of these no more than the begin is ever kept.
 */
#define REPAIR_KEEP_BEGIN 65536
#define REPAIR_KEEP_MAX 67108864

/* By all messages at once. */
#define REPAIR_KEEP_TOTAL 268435456

struct repair_body {
	struct mime_entity message;
	bool convert_8bit;
	struct mime_watch watch;
	bool is_8bit; /* where the message itself declares that */
	struct buffer kept;
	size_t counted; /* octets of it that count in the total */
	bool lost;	/* not all of it is kept */
};

/* message: what the header says. */
void repair_body_init(struct repair_body *body,
		      const struct mime_entity *message, bool convert_8bit);
void repair_body_release(struct repair_body *body);

void repair_body_add(struct repair_body *body, const char *data, size_t len);

/* Is there a sign that something is to be changed? */
bool repair_body_is_suspect(const struct repair_body *body);

/* Does the message itself declare it, and is that to be changed? */
bool repair_body_is_declared_8bit(const struct repair_body *body);

#endif
