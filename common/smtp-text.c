#include "common/smtp-text.h"

#include "common/utf8.h"

#include <stdio.h>
#include <string.h>

void smtp_text(char *reply_r, size_t size, const char *text)
{
	static const char cut[] = "...";
	size_t used = 0, mark = 0, len;

	for (; *text != '\0'; text += len) {
		unsigned int code = utf8_decode(text, &len);
		char piece[16];
		size_t piece_len;

		if (code == UTF8_INVALID)
			code = (unsigned char)*text;
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
