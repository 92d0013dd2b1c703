#include "common/smtp-text.h"

#include <stdio.h>
#include <string.h>

/*
 * The code point at text, and its length in octets; a malformed sequence
 * stands for its first octet.
 */
static unsigned int code_point(const char *text, size_t *len_r)
{
	unsigned char first = (unsigned char)text[0];
	size_t len = first < 0xc2 || first > 0xf4 ? 1
		     : first < 0xe0		  ? 2
		     : first < 0xf0		  ? 3
						  : 4;
	unsigned int code = len == 1 ? first : first & (0x7fU >> len);
	size_t i;

	*len_r = len;
	for (i = 1; i < len; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80) {
			*len_r = 1;
			return first;
		}
		code = code << 6 | (next & 0x3f);
	}
	return code;
}

void smtp_text(char *reply_r, size_t size, const char *text)
{
	static const char cut[] = "...";
	size_t used = 0, mark = 0, len;

	for (; *text != '\0'; text += len) {
		unsigned int code = code_point(text, &len);
		char piece[16];
		size_t piece_len;

		if (code < 0x20 || code == 0x7f)
			(void)snprintf(piece, sizeof(piece), "?");
		else if (code < 0x7f)
			(void)snprintf(piece, sizeof(piece), "%c", (int)code);
		else
			(void)snprintf(piece, sizeof(piece), "\\x{%X}", code);
		piece_len = strlen(piece);
		if (used + sizeof(cut) <= size)
			mark = used;
		if (used + piece_len >= size) {
			memcpy(reply_r + mark, cut, sizeof(cut));
			return;
		}
		memcpy(reply_r + used, piece, piece_len);
		used += piece_len;
	}
	reply_r[used] = '\0';
}
