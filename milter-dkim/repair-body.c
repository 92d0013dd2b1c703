#include "milter-dkim/repair-body.h"

#include <stdatomic.h>
#include <string.h>

static atomic_size_t kept_by_all;

void repair_body_init(struct repair_body *body,
		      const struct mime_entity *message, bool convert_8bit)
{
	*body = (struct repair_body){ .message = *message,
				      .convert_8bit = convert_8bit };
}

static void lose(struct repair_body *body)
{
	buffer_release(&body->kept);
	atomic_fetch_sub(&kept_by_all, body->counted);
	body->counted = 0;
	body->lost = true;
}

void repair_body_release(struct repair_body *body)
{
	lose(body);
}

bool repair_body_is_declared_8bit(const struct repair_body *body)
{
	return body->convert_8bit && body->message.encoding == MIME_8BIT;
}

/* A declaration alone can be changed without the body. */
bool repair_body_is_suspect(const struct repair_body *body)
{
	return body->watch.is_long || body->is_8bit ||
	       (body->convert_8bit && body->watch.is_labelled);
}

static bool has_8bit(const char *data, size_t len)
{
	unsigned long long all = 0, word;

	for (; len >= sizeof(word); data += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		all |= word;
	}
	for (; len > 0; data++, len--)
		all |= (unsigned char)*data;
	return (all & 0x8080808080808080ULL) != 0;
}

/* Messages that give no sign have no part in the total. */
static bool may_keep(struct repair_body *body, size_t more)
{
	size_t len = body->kept.len + more;

	if (len <= REPAIR_KEEP_BEGIN)
		return true;
	if (!repair_body_is_suspect(body) || len > REPAIR_KEEP_MAX)
		return false;
	more = len - body->counted;
	body->counted = len;
	return atomic_fetch_add(&kept_by_all, more) + more <= REPAIR_KEEP_TOTAL;
}

void repair_body_add(struct repair_body *body, const char *data, size_t len)
{
	if (!repair_body_is_suspect(body)) {
		mime_watch_add(&body->watch, data, len);
		body->is_8bit = repair_body_is_declared_8bit(body) &&
				has_8bit(data, len);
	}
	if (body->lost)
		return;
	if (may_keep(body, len))
		buffer_append_bytes(&body->kept, data, len);
	else
		lose(body);
}
