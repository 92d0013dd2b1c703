#ifndef MILTER_DKIM_MIME_ENCODE_H
#define MILTER_DKIM_MIME_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/*
 * Content transfer encodings, RFC 2045 6.7 and 6.8. All append lines of at
 * most 76 octets, with CRLF between them. None makes a line that begins with
 * "--" or "From ", or is ".": no boundary appears that was none.
 */
void mime_encode_quoted(struct buffer *out, const char *text, size_t len);
void mime_encode_base64(struct buffer *out, const char *data, size_t len);

/*
 * What is encoded already, with lines that are too long: only these are
 * divided. False, and out is of no use, if that could change what it says.
 */
bool mime_wrap_quoted(struct buffer *out, const char *text, size_t len);
bool mime_wrap_base64(struct buffer *out, const char *text, size_t len);

#endif
