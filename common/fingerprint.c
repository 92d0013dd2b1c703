#include "common/fingerprint.h"

#include "common/base64.h"
#include "common/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEX_LEN ((size_t)2 * FINGERPRINT_SIZE)
#define COLON_HEX_LEN ((size_t)3 * FINGERPRINT_SIZE - 1)
#define BASE64_LEN ((size_t)(FINGERPRINT_SIZE + 2) / 3 * 4)

static const char prefix[] = "sha256:";

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* step: characters from one octet to the next. */
static bool
parse_hex(struct fingerprint *fingerprint, const char *text, size_t step)
{
	size_t i;

	for (i = 0; i < FINGERPRINT_SIZE; i++) {
		int high = hex_value(text[i * step]);
		int low = hex_value(text[i * step + 1]);

		if (high < 0 || low < 0)
			return false;
		if (step == 3 && i > 0 && text[i * step - 1] != ':')
			return false;
		fingerprint->sha256[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool
parse_base64(struct fingerprint *fingerprint, const char *text, size_t len)
{
	char padded[BASE64_LEN];
	unsigned char *data;
	size_t data_len;
	bool fits;

	memset(padded, '=', sizeof(padded));
	memcpy(padded, text, len);
	if (!base64_parse(&data, &data_len, padded, sizeof(padded)))
		return false;
	fits = data_len == FINGERPRINT_SIZE;
	if (fits)
		memcpy(fingerprint->sha256, data, FINGERPRINT_SIZE);
	free(data);
	return fits;
}

void fingerprint_format(char text_r[FINGERPRINT_TEXT_SIZE],
			const struct fingerprint *fingerprint)
{
	static const char digits[] = "0123456789abcdef";
	char *at = text_r + sizeof(prefix) - 1;
	size_t i;

	memcpy(text_r, prefix, sizeof(prefix) - 1);
	for (i = 0; i < FINGERPRINT_SIZE; i++) {
		*at++ = digits[fingerprint->sha256[i] >> 4];
		*at++ = digits[fingerprint->sha256[i] & 0xf];
	}
	*at = '\0';
}

int fingerprint_parse(struct fingerprint *fingerprint_r, const char *text,
		      struct error *err_r)
{
	struct fingerprint fingerprint;
	const char *digits = text;
	bool good;
	size_t len;

	if (strncmp(text, "SHA256:", 7) == 0)
		return error_set(err_r,
				 "\"%s\" is OpenSSH's fingerprint, of another "
				 "encoding of the key: give the one that "
				 "\"countersign key list\" shows",
				 text);
	if (strncasecmp(text, "sha256 fingerprint=", 19) == 0)
		return error_set(err_r,
				 "\"%s\" is of a whole certificate, not of its "
				 "key: give the one that \"countersign key "
				 "list\" shows",
				 text);
	if (strncmp(text, prefix, sizeof(prefix) - 1) == 0)
		digits += sizeof(prefix) - 1;
	len = strlen(digits);
	if (len == HEX_LEN)
		good = parse_hex(&fingerprint, digits, 2);
	else if (len == COLON_HEX_LEN)
		good = parse_hex(&fingerprint, digits, 3);
	else if (len == BASE64_LEN || len == BASE64_LEN - 1)
		good = parse_base64(&fingerprint, digits, len);
	else
		good = false;
	if (!good)
		return error_set(
			err_r,
			"\"%s\" is not a fingerprint: give \"sha256:\" "
			"and 64 hex digits, or the same in base64",
			text);
	*fingerprint_r = fingerprint;
	return 0;
}
