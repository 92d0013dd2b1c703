#ifndef COMMON_BUFFER_H
#define COMMON_BUFFER_H

#include <stddef.h>

/*
 * Growing bytes. Always followed by a NUL that len does not count, so data is
 * a C string as long as none is put in. BUFFER_INIT needs no buffer_init().
 */
struct buffer {
	char *data;
	size_t len;
	size_t size;
};

#define BUFFER_INIT                                                            \
	{                                                                      \
		.data = NULL                                                   \
	}

/* Not buffer_append(): libdovecot, which modules of ours meet, has one. */
void buffer_append_bytes(struct buffer *buffer, const void *data, size_t len);
void buffer_append_string(struct buffer *buffer, const char *text);
void buffer_append_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Never NULL; valid until the next change. */
const char *buffer_string(const struct buffer *buffer);

/* Keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* The string, now the caller's; the buffer is empty afterwards. */
char *buffer_steal(struct buffer *buffer);

void buffer_release(struct buffer *buffer);

#endif
