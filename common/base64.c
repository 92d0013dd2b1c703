#include "common/base64.h"

#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

static int value_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *digit = c != '\0' ? strchr(digits, c) : NULL;

	return digit != NULL ? (int)(digit - digits) : -1;
}

bool base64_parse(unsigned char **data_r, size_t *len_r, const char *text,
		  size_t len)
{
	unsigned char *data;
	unsigned int bits = 0;
	size_t digits = len, i, used = 0;

	if (len % 4 != 0)
		return false;
	while (digits > 0 && len - digits < 2 && text[digits - 1] == '=')
		digits--;
	data = mem_alloc(len / 4 * 3);
	for (i = 0; i < digits; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			goto bad;
		bits = (bits << 6 | (unsigned int)value) & 0xfff;
		switch (i % 4) {
		case 1:
			data[used++] = (unsigned char)(bits >> 4);
			break;
		case 2:
			data[used++] = (unsigned char)(bits >> 2);
			break;
		case 3:
			data[used++] = (unsigned char)bits;
			break;
		}
	}
	/* What the last digit holds beyond the last octet. */
	if ((len - digits == 1 && (bits & 0x3) != 0) ||
	    (len - digits == 2 && (bits & 0xf) != 0))
		goto bad;
	*data_r = data;
	*len_r = used;
	return true;
bad:
	free(data);
	return false;
}
