#include "tests/unit/test.h"

#include "common/error.h"
#include "common/fingerprint.h"

#include <string.h>

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfeff"
#define COLONS                                                                 \
	"00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:"   \
	"16:17:18:19:1A:1B:1C:1D:FE:FF"
#define BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8"

static void every_spelling_is_the_same_fingerprint(void **state)
{
	static const struct {
		const char *name;
		const char *text;
	} cases[] = {
		{ "as it is shown", "sha256:" HEX },
		{ "hex alone", HEX },
		{ "hex with colons, upper case", COLONS },
		{ "hex with colons and prefix", "sha256:" COLONS },
		{ "base64 with padding", BASE64 "=" },
		{ "base64 without padding", BASE64 },
		{ "base64 with prefix", "sha256:" BASE64 "=" },
	};
	char text[FINGERPRINT_TEXT_SIZE];
	struct fingerprint fingerprint;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].name);
		memset(&fingerprint, 0x55, sizeof(fingerprint));
		assert_int_equal(
			fingerprint_parse(&fingerprint, cases[i].text, &err),
			0);
		fingerprint_format(text, &fingerprint);
		assert_string_equal(text, "sha256:" HEX);
	}
}

static void anything_else_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *reason;
	} cases[] = {
		{ "nothing", "", "is not a fingerprint" },
		{ "the prefix alone", "sha256:", "is not a fingerprint" },
		{ "two prefixes", "sha256:sha256:" HEX,
		  "is not a fingerprint" },
		{ "a digit too few",
		  "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfe"
		  "f",
		  "is not a fingerprint" },
		{ "a digit too many", HEX "0", "is not a fingerprint" },
		{ "a letter that is no digit",
		  "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
		  "feff",
		  "is not a fingerprint" },
		{ "a space in front", " " HEX, "is not a fingerprint" },
		{ "dashes for colons",
		  "00-01-02-03-04-05-06-07-08-09-0A-0B-0C-0D-0E-0F-10-11-12-13-"
		  "14-15-16-17-18-19-1A-1B-1C-1D-FE-FF",
		  "is not a fingerprint" },
		{ "bits left over in base64",
		  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v9",
		  "is not a fingerprint" },
		{ "base64 with too much padding",
		  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/w==",
		  "is not a fingerprint" },
		{ "base64 of 33 octets",
		  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8A",
		  "is not a fingerprint" },
		{ "OpenSSH's own", "SHA256:" BASE64, "OpenSSH's fingerprint" },
		{ "a certificate's, as openssl prints it",
		  "sha256 Fingerprint=" COLONS, "of a whole certificate" },
	};
	struct fingerprint fingerprint;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(
			fingerprint_parse(&fingerprint, cases[i].text, &err),
			-1);
		assert_non_null(strstr(err.text, cases[i].reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_the_same_fingerprint),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
