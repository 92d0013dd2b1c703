#ifndef MILTER_DKIM_MIME_ENTITY_H
#define MILTER_DKIM_MIME_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* What the header of a MIME entity says of its body: RFC 2045, RFC 2046. */

enum mime_kind {
	MIME_TEXT,
	MIME_DATA, /* whatever else has no parts */
	MIME_MULTIPART,
	MIME_SEALED,	/* multipart/signed, multipart/encrypted */
	MIME_MESSAGE,	/* message/rfc822 */
	MIME_SEVEN_BIT, /* message/partial, delivery-status: never encoded */
};

enum mime_encoding {
	MIME_7BIT,
	MIME_8BIT, /* or binary */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_STRANGE,
};

#define MIME_BOUNDARY_MAX 256

struct mime_entity {
	enum mime_kind kind;
	enum mime_encoding encoding;
	char boundary[MIME_BOUNDARY_MAX]; /* of a multipart */
	size_t boundary_len;
	bool digest;
	bool has_type, has_encoding;
	/* Readers may not agree on what it is: it is not to be changed. */
	bool malformed;
};

/* With an empty header; in a multipart/digest that is another message. */
void mime_entity_init(struct mime_entity *entity, bool in_digest);

/* One field after the other; name has name_len octets, value any folds. */
void mime_entity_field(struct mime_entity *entity, const char *name,
		       size_t name_len, const char *value, size_t value_len);

/* All fields are there. */
void mime_entity_finish(struct mime_entity *entity);

bool mime_is_encoding_field(const char *name, size_t name_len);

/* As it stands in Content-Transfer-Encoding; not for MIME_STRANGE. */
const char *mime_encoding_name(enum mime_encoding encoding);

#endif
