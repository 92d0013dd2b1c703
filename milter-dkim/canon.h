#ifndef MILTER_DKIM_CANON_H
#define MILTER_DKIM_CANON_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Canonicalisation, RFC 6376 3.4. Knows nothing of hashes or of milters. */
enum canon {
	CANON_SIMPLE,
	CANON_RELAXED,
};
#define CANON_COUNT 2

/* "simple" or "relaxed", as in c=. */
const char *canon_name(enum canon canon);

/*
 * Append one header field, name, colon, value and a final CRLF. The value is
 * all that stands behind the colon, its leading space too; lines in it may be
 * folded with LF or CRLF, and no line end is expected behind it. White space
 * is SP and HTAB alone: VT and FF are text.
 */
void canon_header(struct buffer *out, enum canon canon, const char *name,
		  const char *value, size_t value_len);

typedef void canon_sink(void *context, const void *data, size_t len);

/*
 * A body, fed in pieces cut anywhere, goes to the sink in canonical form. Only
 * CRLF ends a line: a lone CR or LF is text. A body that lacks its last CRLF
 * is taken to have it, as the SMTP client that sends it will add it.
 */
struct canon_body {
	enum canon canon;
	canon_sink *sink;
	void *context;
	/* Held back until it is known what follows, in this order. */
	size_t line_ends;
	bool space;
	bool cr;

	bool empty; /* nothing went to the sink yet */
};

void canon_body_init(struct canon_body *body, enum canon canon,
		     canon_sink *sink, void *context);
void canon_body_update(struct canon_body *body, const void *data, size_t len);
void canon_body_finish(struct canon_body *body);

#endif
