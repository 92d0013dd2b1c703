#include "tests/unit/test.h"

#include "admin/dkim-dns.h"
#include "common/buffer.h"
#include "common/error.h"

#include <string.h>
#include <sysexits.h>

#define NAME "s._domainkey.example.org"
#define RECORD "v=DKIM1; k=rsa; p=QUJD"

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

static struct dkim_dns_found found;

static enum dkim_dns_result
compare(const struct buffer *message, struct error *err_r)
{
	return dkim_dns_compare(&found, NAME, message->data, message->len,
				RECORD, err_r);
}

/* The data of TXT records, each string behind its length. */
#define STRINGS(text) text, sizeof(text) - 1

static void a_record_is_the_keys_if_its_p_is(void **state)
{
	static const struct {
		const char *name;
		const char *data;
		size_t len;
		enum dkim_dns_result result;
	} cases[] = {
		{ "as it is printed", STRINGS("\26" RECORD), DKIM_DNS_RIGHT },
		{ "in two strings", STRINGS("\4v=DK\22IM1; k=rsa; p=QUJD"),
		  DKIM_DNS_RIGHT },
		{ "cut within the key", STRINGS("\24v=DKIM1; k=rsa; p=QU\2JD"),
		  DKIM_DNS_RIGHT },
		{ "with an empty string", STRINGS("\0\26" RECORD "\0"),
		  DKIM_DNS_RIGHT },
		{ "only the key", STRINGS("\6p=QUJD"), DKIM_DNS_RIGHT },
		{ "white space anywhere", STRINGS("\17 p \t= Q U\r\nJD ;"),
		  DKIM_DNS_RIGHT },
		{ "a tag behind it", STRINGS("\12p=QUJD;t=s"), DKIM_DNS_RIGHT },
		{ "a longer tag that ends in p", STRINGS("\14xp=x;p=QUJD;"),
		  DKIM_DNS_RIGHT },

		{ "another key", STRINGS("\6p=QUJE"), DKIM_DNS_WRONG },
		{ "more key", STRINGS("\7p=QUJDD"), DKIM_DNS_WRONG },
		{ "less key", STRINGS("\5p=QUJ"), DKIM_DNS_WRONG },
		{ "a revoked key", STRINGS("\2p="), DKIM_DNS_WRONG },
		{ "no key", STRINGS("\10v=DKIM1;"), DKIM_DNS_WRONG },
		{ "a tag without a value", STRINGS("\1p"), DKIM_DNS_WRONG },
		{ "nothing at all", STRINGS(""), DKIM_DNS_WRONG },
		{ "an empty string alone", STRINGS("\0"), DKIM_DNS_WRONG },
		{ "a string longer than the record", STRINGS("\7p=QUJD"),
		  DKIM_DNS_WRONG },
		{ "something behind a NUL", STRINGS("\10p=QUJD\0x"),
		  DKIM_DNS_WRONG },
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
		if (cases[i].result == DKIM_DNS_WRONG) {
			assert_int_equal(err.sysexit, EX_DATAERR);
			assert_ptr_equal(strstr(err.text, NAME ": "), err.text);
		} else {
			assert_int_equal(found.ttl, 60);
		}
		buffer_release(&message);
	}
}

static void one_record_may_stand_there(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct error err;

	(void)state;
	begin(&message, 2);
	answer(&message, CNAME, "\300\14", 2);
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	assert_int_equal(compare(&message, &err), DKIM_DNS_RIGHT);
	buffer_clear(&message);

	begin(&message, 1);
	answer(&message, TXT, STRINGS("\6p=QUJE"));
	assert_int_equal(compare(&message, &err), DKIM_DNS_WRONG);
	assert_string_equal(err.text, NAME ": its TXT record in DNS is not "
					   "this key's: \"p=QUJE\"");
	buffer_clear(&message);

	begin(&message, 2);
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	answer(&message, TXT, STRINGS("\6p=QUJD"));
	assert_int_equal(compare(&message, &err), DKIM_DNS_WRONG);
	assert_string_equal(err.text, NAME ": has several TXT records in DNS; "
					   "one may stand there");
	buffer_clear(&message);

	begin(&message, 1);
	answer(&message, CNAME, "\300\14", 2);
	assert_int_equal(compare(&message, &err), DKIM_DNS_MISSING);
	assert_int_equal(err.sysexit, EX_DATAERR);
	assert_string_equal(err.text, NAME ": has no TXT record in DNS");
	buffer_release(&message);
}

static void a_cut_answer_is_an_outage(void **state)
{
	struct buffer message = BUFFER_INIT;
	struct error err;

	(void)state;
	begin(&message, 0);
	message.data[2] = (char)(message.data[2] | 2); /* TC */
	assert_int_equal(compare(&message, &err), DKIM_DNS_FAILED);
	assert_int_equal(err.sysexit, EX_TEMPFAIL);
	buffer_release(&message);
}

static void only_a_name_that_is_not_there_is_a_no(void **state)
{
	char code;

	(void)state;
	for (code = 1; code < 16; code++) {
		struct buffer message = BUFFER_INIT;
		struct error err;

		begin(&message, 1);
		answer(&message, TXT, STRINGS("\26" RECORD));
		message.data[3] = (char)(message.data[3] | code);
		assert_int_equal(compare(&message, &err),
				 code == 3 ? DKIM_DNS_MISSING
					   : DKIM_DNS_FAILED);
		buffer_release(&message);
	}
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
		assert_int_equal(compare(&message, &err), DKIM_DNS_FAILED);
		assert_int_equal(err.sysexit, EX_TEMPFAIL);
	}
	message.len = whole;
	assert_int_equal(compare(&message, &err), DKIM_DNS_RIGHT);
	buffer_release(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_the_keys_if_its_p_is),
		cmocka_unit_test(one_record_may_stand_there),
		cmocka_unit_test(a_cut_answer_is_an_outage),
		cmocka_unit_test(only_a_name_that_is_not_there_is_a_no),
		cmocka_unit_test(a_message_cut_anywhere_is_an_outage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
