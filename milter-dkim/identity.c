#include "milter-dkim/identity.h"

#include "common/address.h"
#include "common/buffer.h"
#include "common/mem.h"

#include <stddef.h>
#include <string.h>

/* With a domain of any length still one line of RFC 5322 2.1.1. */
#define LOCAL_MAX 512

/* RFC 6376 2.11: dkim-safe-char stands for itself. */
static void append_quoted(struct buffer *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c > ' ' && c < 0x7f && c != ';' && c != '=')
			buffer_append_char(out, (char)c);
		else
			buffer_printf(out, "=%02X", (unsigned int)c);
	}
}

char *identity_make(enum identity identity, const struct address *address)
{
	struct buffer out = BUFFER_INIT;

	switch (identity) {
	case IDENTITY_NONE:
		return NULL;
	case IDENTITY_DOMAIN:
		break;
	case IDENTITY_ADDRESS: {
		char *text = address_format(address);

		append_quoted(&out, text, (size_t)(strrchr(text, '@') - text));
		mem_free_string(&text);
		break;
	}
	}
	if (out.len > LOCAL_MAX)
		buffer_clear(&out);
	buffer_printf(&out, "@%s", address->domain);
	return buffer_steal(&out);
}
