#include "tests/unit/test.h"

#include "admin/dkim-dns.h"
#include "common/buffer.h"
#include "common/error.h"

#include <string.h>
#include <sysexits.h>

#define NAME "s._domainkey.example.org"
#define RECORD "v=DKIM1; k=ed25519; p=QUJD"

static const char question[] = "\1s\12_domainkey\7example\3org\0\0\20\0\1";

#define TXT "\0\20"
#define CNAME "\0\5"

static void add_number(struct buffer *message, size_t number)
{
	buffer_append_char(message, (char)(number >> 8));
	buffer_append_char(message, (char)number);
}

/* RFC 1035 4.1: a header that says so many answers, and the question. */
static void begin(struct buffer *message, size_t answers)
{
	buffer_append_bytes(message, "\1\2\205\200\0\1", 6);
	add_number(message, answers);
	buffer_append_bytes(message, "\0\0\0\0", 4);
	buffer_append_bytes(message, question, sizeof(question) - 1);
}

/* Its name is a pointer to the question's. */
static void
answer(struct buffer *message, const char *type, const char *data, size_t len)
{
	buffer_append_bytes(message, "\300\14", 2);
	buffer_append_bytes(message, type, 2);
	buffer_append_bytes(message, "\0\1\0\0\0\74", 6);
	add_number(message, len);
	buffer_append_bytes(message, data, len);
}

static int compare(const struct buffer *message, struct error *err_r)
{
	return dkim_dns_compare(NAME, message->data, message->len, RECORD,
				err_r);
}

/* The data of TXT records, each string behind its length. */
#define STRINGS(text) text, sizeof(text) - 1

static void a_record_is_the_keys_if_its_p_is(void **state)
{
	static const struct {
		const char *name;
		const char *data;
		size_t len;
		int result;
	} cases[] = {
		{ "as it is printed", STRINGS("\32" RECORD), 0 },
		{ "in two strings", STRINGS("\4v=DK\26IM1; k=ed25519; p=QUJD"),
		  0 },
		{ "cut within the key",
		  STRINGS("\30v=DKIM1; k=ed25519; p=QU\2JD"), 0 },
		{ "with an empty string", STRINGS("\0\32" RECORD "\0"), 0 },
		{ "only the key", STRINGS("\6p=QUJD"), 0 },
		{ "white space anywhere", STRINGS("\17 p \t= Q U\r\nJD ;"), 0 },
		{ "a tag behind it", STRINGS("\12p=QUJD;t=s"), 0 },
		{ "a longer tag that ends in p", STRINGS("\14xp=x;p=QUJD;"),
		  0 },

		{ "another key", STRINGS("\6p=QUJE"), -1 },
		{ "more key", STRINGS("\7p=QUJDD"), -1 },
		{ "less key", STRINGS("\5p=QUJ"), -1 },
		{ "a revoked key", STRINGS("\2p="), -1 },
		{ "no key", STRINGS("\10v=DKIM1;"), -1 },
		{ "a tag without a value", STRINGS("\1p"), -1 },
		{ "nothing at all", STRINGS(""), -1 },
		{ "an empty string alone", STRINGS("\0"), -1 },
		{ "a string longer than the record", STRINGS("\7p=QUJD"), -1 },
		{ "something behind a NUL", STRINGS("\10p=QUJD\0x"), -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer message = BUFFER_INIT;
		struct error err;

		begin(&message, 1);
		answer(&message, TXT, cases[i].data, cases[i].len);
		if (compare(&message, &err) != cases[i].result)
			fail_msg("%s", cases[i].name);
		if (cases[i].result < 0) {
			assert_int_equal(err.sysexit, EX_DATAERR);
			assert_non_null(strstr(err.text, "is not this key's"));
		}
		buffer_release(&message);
	}
}

static void every_record_there_must_be_the_keys(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct error err;

	(void)state;
	begin(&message, 3);
	answer(&message, CNAME, "\300\14", 2);
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	assert_int_equal(compare(&message, &err), 0);
	buffer_clear(&message);

	begin(&message, 2);
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	answer(&message, TXT, STRINGS("\6p=QUJE"));
	assert_int_equal(compare(&message, &err), -1);
	assert_string_equal(err.text, NAME ": its TXT record in DNS is not "
					   "this key's: \"p=QUJE\"");
	buffer_clear(&message);

	begin(&message, 1);
	answer(&message, CNAME, "\300\14", 2);
	assert_int_equal(compare(&message, &err), -1);
	assert_int_equal(err.sysexit, EX_DATAERR);
	assert_string_equal(err.text, NAME ": has no TXT record in DNS");
	buffer_release(&message);
}

/* An outage, not a no: whoever asks again may get it whole. */
static void a_message_cut_anywhere_is_an_outage(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct error err;
	size_t whole;

	(void)state;
	begin(&message, 1);
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	whole = message.len;
	while (message.len > 0) {
		message.len--;
		assert_int_equal(compare(&message, &err), -1);
		assert_int_equal(err.sysexit, EX_TEMPFAIL);
	}
	message.len = whole;
	assert_int_equal(compare(&message, &err), 0);
	buffer_release(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_the_keys_if_its_p_is),
		cmocka_unit_test(every_record_there_must_be_the_keys),
		cmocka_unit_test(a_message_cut_anywhere_is_an_outage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
