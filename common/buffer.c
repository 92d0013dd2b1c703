#include "common/buffer.h"

#include "common/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct buffer *buffer, size_t more)
{
	size_t size = buffer->size > 0 ? buffer->size : 64;

	if (more >= (size_t)-1 / 2 - buffer->len)
		abort();
	if (buffer->len + more + 1 <= buffer->size)
		return;
	while (size < buffer->len + more + 1)
		size *= 2;
	buffer->data = mem_resize(buffer->data, size, 1);
	buffer->size = size;
}

void buffer_append_bytes(struct buffer *buffer, const void *data, size_t len)
{
	reserve(buffer, len);
	if (len > 0)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
}

void buffer_append_string(struct buffer *buffer, const char *text)
{
	buffer_append_bytes(buffer, text, strlen(text));
}

void buffer_append_char(struct buffer *buffer, char c)
{
	buffer_append_bytes(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	size_t room;
	int len;

	reserve(buffer, 0);
	room = buffer->size - buffer->len;
	va_start(args, format);
	len = vsnprintf(buffer->data + buffer->len, room, format, args);
	va_end(args);
	if (len < 0)
		abort();
	if ((size_t)len >= room) {
		reserve(buffer, (size_t)len);
		va_start(args, format);
		(void)vsnprintf(buffer->data + buffer->len, (size_t)len + 1,
				format, args);
		va_end(args);
	}
	buffer->len += (size_t)len;
}

const char *buffer_string(const struct buffer *buffer)
{
	return buffer->data != NULL ? buffer->data : "";
}

void buffer_clear(struct buffer *buffer)
{
	buffer->len = 0;
	if (buffer->data != NULL)
		buffer->data[0] = '\0';
}

char *buffer_steal(struct buffer *buffer)
{
	char *data = buffer->data != NULL ? buffer->data : mem_strdup("");

	*buffer = (struct buffer)BUFFER_INIT;
	return data;
}

void buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer)BUFFER_INIT;
}
