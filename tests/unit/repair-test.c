#include "tests/unit/test.h"

#include "common/buffer.h"
#include "tests/dkim/mended.h"

#include <string.h>

#define HEAD "From: a@example.org\r\nDate: x\r\nMessage-ID: <x>\r\n"
#define MIME "MIME-Version: 1.0\r\n"
#define MIXED MIME "Content-Type: multipart/mixed; boundary=b\r\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define ENCODED(encoding) "Content-Transfer-Encoding: " encoding "\r\n"
#define A_UMLAUT "\xc3\xa4"

/* 999 octets. */
#define X9 "xxxxxxxxx"
#define X111 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9 "xxx"
#define LONG X111 X111 X111 X111 X111 X111 X111 X111 X111

#define X997                                                                   \
	X111 X111 X111 X111 X111 X111 X111 X111 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9  \
		X9 X9 "x"

#define X76 X9 X9 X9 X9 X9 X9 X9 X9 "xxxx"
#define X75 X9 X9 X9 X9 X9 X9 X9 X9 "xxx"

#define SIGNED(inner)                                                          \
	MIME "Content-Type: multipart/signed; boundary=s\r\n\r\n"              \
	     "--s\r\n" inner "--s\r\n\r\nsignature\r\n--s--\r\n"

struct repair_case {
	const char *name;
	const char *message;
	const char *expected; /* NULL: as it came */
	const char *done;
	const char *at_risk;
	bool leave_8bit;
};

static const struct repair_case cases[] = {
	{ .name = "a plain message stays as it is",
	  .message = HEAD "\r\nHello.\r\n" },
	{ .name = "an empty one, too", .message = HEAD "\r\n" },
	{ .name = "8-bit text becomes quoted-printable",
	  .message = HEAD MIME TEXT ENCODED(
		  "8bit") "\r\n"
			  "B" A_UMLAUT "ume =) blow in the wind\r\n",
	  .expected = HEAD MIME TEXT ENCODED(
		  "quoted-printable") "\r\n"
				      "B=C3=A4ume =3D) blow in the wind\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "text that is mostly 8-bit becomes base64",
	  .message = HEAD MIME TEXT ENCODED("8bit") "\r\n" A_UMLAUT A_UMLAUT
						    "\r\n",
	  .expected = HEAD MIME TEXT ENCODED("base64") "\r\nw6TDpA0K\r\n",
	  .done = "body to base64" },
	{ .name = "8-bit text stays where that is set",
	  .message = HEAD MIME TEXT ENCODED("8bit") "\r\n" A_UMLAUT "\r\n",
	  .leave_8bit = true },
	{ .name = "what is but declared 8-bit is declared 7bit",
	  .message = HEAD MIME TEXT ENCODED("8BIT") "\r\n1 + 1 = 2 \r\n",
	  .expected = HEAD MIME TEXT ENCODED("7bit") "\r\n1 + 1 = 2 \r\n",
	  .done = "body declared 7bit" },
	{ .name = "what is not declared 8-bit stays as it is",
	  .message = HEAD "\r\n" A_UMLAUT "\r\n" },
	{ .name = "binary data become base64",
	  .message = HEAD MIME
	  "Content-Type: image/png\r\n" ENCODED("binary") "\r\nabc\rdef\r\n",
	  .expected = HEAD MIME "Content-Type: image/png\r\n" ENCODED(
		  "base64") "\r\nYWJjDWRlZg0K\r\n",
	  .done = "body to base64" },
	{ .name = "a long line becomes quoted-printable, and the message MIME",
	  .message = HEAD "\r\n" LONG "\r\n",
	  .expected = HEAD ENCODED("quoted-printable") MIME
	  "\r\n" X75 "=\r\n" X75 "=\r\n" X75 "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
	  "=\r\n" X75 "=\r\n" X75 "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
	  "=\r\n" X75 "=\r\n" X75 "=\r\n" X9 X9 "xxxxxx\r\n",
	  .done = "body to quoted-printable, "
		  "Content-Transfer-Encoding added, MIME-Version added",
	  .leave_8bit = true },
	{ .name = "only the part that needs it is encoded",
	  .message = HEAD MIXED "\r\npreamble\r\n--b\r\n" TEXT ENCODED(
		  "8bit") "\r\n"
			  "f" A_UMLAUT "r jedermann und jede\r\n"
			  "--b \r\n" ENCODED(
				  "7bit") "\r\nplain = "
					  "plain\r\n--b--\r\nend\r\n",
	  .expected = HEAD MIXED "\r\npreamble\r\n--b\r\n" TEXT ENCODED(
		  "quoted-printable") "\r\n"
				      "f=C3=A4r jedermann und jede\r\n"
				      "--b \r\n" ENCODED("7bit") "\r\nplain = "
								 "plain\r\n--b-"
								 "-\r\nend\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "a part without a header gets one",
	  .message = HEAD MIXED "\r\n--b\r\n\r\n" LONG "\r\n--b--\r\n",
	  .expected = HEAD MIXED "\r\n--b\r\n" ENCODED(
		  "quoted-printable") "\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X9 X9
				      "xxxxxx\r\n--b--\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "containers of 8-bit parts are declared 7bit",
	  .message = HEAD MIXED ENCODED(
		  "8bit") "\r\n--b\r\n"
			  "Content-Type: message/rfc822\r\n" ENCODED(
				  "8bit") "\r\n"
					  "Subject: forwarded\r\n" TEXT ENCODED(
						  "8bit") "\r\n" A_UMLAUT
							  " and so "
							  "on\r\n--b--\r\n",
	  .expected = HEAD MIXED ENCODED(
		  "7bit") "\r\n--b\r\n"
			  "Content-Type: message/rfc822\r\n" ENCODED(
				  "7bit") "\r\n"
					  "Subject: forwarded\r\n" TEXT ENCODED(
						  "quoted-printable") "\r\n"
								      "=C3=A4 "
								      "and so "
								      "on\r\n--"
								      "b--\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "the default of a digest is a message",
	  .message = HEAD MIME
	  "Content-Type: multipart/digest; boundary=b\r\n"
	  "\r\n--b\r\n\r\n" TEXT ENCODED("8bit") "\r\n" A_UMLAUT
						 " and more text\r\n--b--\r\n",
	  .expected = HEAD MIME
	  "Content-Type: multipart/digest; boundary=b\r\n"
	  "\r\n--b\r\n\r\n" TEXT ENCODED(
		  "quoted-printable") "\r\n=C3=A4"
				      " and more text\r\n--b--\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "nothing in a signed part is changed",
	  .message = HEAD SIGNED(TEXT ENCODED("8bit") "\r\n" A_UMLAUT "\r\n"),
	  .at_risk = "8-bit text or long lines in a signed or encrypted part" },
	{ .name = "nor are its long lines",
	  .message = HEAD SIGNED("\r\n" LONG "\r\n"),
	  .at_risk = "8-bit text or long lines in a signed or encrypted part" },
	{ .name = "nor is a message that was signed where it comes from",
	  .message = HEAD MIXED
	  "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
	  "dkim-signature: v=1\r\n" TEXT ENCODED("8bit") "\r\n" A_UMLAUT
							 "\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in a signed or encrypted part" },
	{ .name = "a signed part of 7-bit text is no risk",
	  .message = HEAD SIGNED(TEXT ENCODED("7bit") "\r\nHello.\r\n") },
	{ .name = "what was signed before stays 8-bit",
	  .message = "DKIM-Signature: v=1\r\n" HEAD MIME TEXT ENCODED(
		  "8bit") "\r\n" A_UMLAUT "\r\n" },
	{ .name = "long lines of quoted-printable are divided between octets",
	  .message = HEAD MIME TEXT ENCODED("quoted-printable") "\r\n" X9 X9 X9
		  X9 X9 X9 X9 X9 "x=C3=A4" LONG "\r\nshort\r\n",
	  .expected = HEAD MIME TEXT ENCODED(
		  "quoted-printable") "\r\n" X9 X9 X9 X9 X9 X9 X9 X9
				      "x=\r\n=C3=A4" X9 X9 X9 X9 X9 X9 X9
				      "xxxxxx=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X9 X9 X9 "xxx\r\nshort\r\n",
	  .done = "body wrapped" },
	{ .name = "long lines of base64 are divided",
	  .message =
		  HEAD MIME TEXT ENCODED("base64") "\r\n" LONG "x\r\nABCD\r\n",
	  .expected = HEAD MIME TEXT ENCODED(
		  "base64") "\r\n" X76 "\r\n" X76 "\r\n" X76 "\r\n" X76
			    "\r\n" X76 "\r\n" X76 "\r\n" X76 "\r\n" X76
			    "\r\n" X76 "\r\n" X76 "\r\n" X76 "\r\n" X76
			    "\r\n" X76 "\r\n" X9 "xxx\r\nABCD\r\n",
	  .done = "body wrapped" },
	{ .name = "what is quoted badly is not divided",
	  .message = HEAD MIME TEXT ENCODED("quoted-printable") "\r\n=G" LONG
								"\r\n",
	  .at_risk = "8-bit text or long lines in a part that is not well "
		     "encoded" },
	{ .name = "of what is encoded strangely nobody knows",
	  .message = HEAD MIME TEXT ENCODED("x-uuencode") "\r\n" LONG "\r\n",
	  .at_risk = "8-bit text or long lines in a part of unknown encoding" },
	{ .name = "a long line between parts stays",
	  .message = HEAD MIXED "\r\n" LONG "\r\n--b\r\n\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines between MIME parts" },
	{ .name = "what can't be converted leaves long lines to be mended",
	  .message = HEAD MIXED
	  "\r\n--b\r\n"
	  "Content-Type: message/partial\r\n" ENCODED(
		  "8bit") "\r\n" A_UMLAUT
			  "\r\n--b\r\n" ENCODED("base64") "\r\n" LONG
							  "x\r\n--b--\r\n",
	  .expected = HEAD MIXED
	  "\r\n--b\r\n"
	  "Content-Type: message/partial\r\n" ENCODED(
		  "8bit") "\r\n" A_UMLAUT
			  "\r\n--b\r\n" ENCODED(
				  "base64") "\r\n" X76 "\r\n" X76 "\r\n" X76
					    "\r\n" X76 "\r\n" X76 "\r\n" X76
					    "\r\n" X76 "\r\n" X76 "\r\n" X76
					    "\r\n" X76 "\r\n" X76 "\r\n" X76
					    "\r\n" X76 "\r\n" X9
					    "xxx\r\n--b--\r\n",
	  .done = "body wrapped",
	  .at_risk = "8-bit text or long lines in a part that must not be "
		     "encoded" },
	{ .name = "an encoding behind a comment is not every reader's",
	  .message = HEAD MIME TEXT ENCODED("(8) 8bit") "\r\n" A_UMLAUT "\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "nor is a type behind one",
	  .message = HEAD MIME
	  "Content-Type: (x) multipart/mixed; boundary=b\r\n\r\n"
	  "--b\r\n" ENCODED("8bit") "\r\n" A_UMLAUT "\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "nor a boundary that one ends",
	  .message = HEAD MIME
	  "Content-Type: multipart/mixed; boundary=b(x)\r\n\r\n"
	  "--b\r\n" ENCODED("8bit") "\r\n" A_UMLAUT "\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "a type without a subtype is text, if it says so",
	  .message = HEAD MIME "Content-Type: text\r\n" ENCODED(
		  "8bit") "\r\nf" A_UMLAUT "r jedermann\r\n",
	  .expected = HEAD MIME "Content-Type: text\r\n" ENCODED(
		  "quoted-printable") "\r\nf=C3=A4r jedermann\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "two types are one too many",
	  .message = HEAD MIME TEXT TEXT ENCODED("8bit") "\r\n" A_UMLAUT "\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "an encoding of a thousand octets is none",
	  .message = HEAD MIXED
	  "\r\n--b\r\n" ENCODED("7bit " LONG) "\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "a multipart without a boundary is none",
	  .message = HEAD MIME "Content-Type: multipart/mixed\r\n" ENCODED(
		  "8bit") "\r\n" A_UMLAUT "\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "a boundary that may be none stops all",
	  .message = HEAD MIXED "\r\n--b\r\n" TEXT ENCODED(
		  "8bit") "\r\n" A_UMLAUT "\r\n--bad\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines beside a doubtful MIME "
		     "boundary" },
	{ .name = "a boundary may be quoted, and other parameters before it",
	  .message =
		  HEAD MIME "Content-Type: multipart/mixed; x=\"a;b\\\"c\";\r\n"
			    " y = z; BOUNDARY=\"a b\"\r\n\r\n--a b\r\n" ENCODED(
				    "8bit") "\r\n--a b--\r\n",
	  .expected =
		  HEAD MIME "Content-Type: multipart/mixed; x=\"a;b\\\"c\";\r\n"
			    " y = z; BOUNDARY=\"a b\"\r\n\r\n--a b\r\n" ENCODED(
				    "7bit") "\r\n--a b--\r\n",
	  .done = "body declared 7bit" },
	{ .name = "no boundary comes to be where a line is divided",
	  .message =
		  HEAD MIXED "\r\n--b\r\n\r\n" X75 "--b" LONG "\r\n--b--\r\n",
	  .expected = HEAD MIXED "\r\n--b\r\n" ENCODED(
		  "quoted-printable") "\r\n" X75
				      "=\r\n=2D-b" X9 X9 X9 X9 X9 X9 X9
				      "xxxxxxx=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X75 "=\r\n" X75 "=\r\n" X75
				      "=\r\n" X9 X9 X9 "xx\r\n--b--\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "nor where a line is written otherwise",
	  .message = HEAD MIME
	  "Content-Type: multipart/mixed; boundary=\"=3Db\"\r\n\r\n"
	  "--=3Db\r\n" ENCODED("8bit") "\r\n--=b\r\n" A_UMLAUT
				       " and so on\r\n--=3Db--\r\n",
	  .expected = HEAD MIME
	  "Content-Type: multipart/mixed; boundary=\"=3Db\"\r\n\r\n"
	  "--=3Db\r\n" ENCODED("quoted-printable") "\r\n=2D-=3Db\r\n=C3=A4"
						   " and so on\r\n--=3Db--\r\n",
	  .done = "body to quoted-printable" },
	{ .name = "a long field of a part is folded",
	  .message = HEAD MIXED "\r\n--b\r\nContent-Description: one " LONG
				" two\r\n\r\n--b--\r\n",
	  .at_risk = NULL,
	  .expected = HEAD MIXED
	  "\r\n--b\r\nContent-Description: one\r\n " X111 X111 X111 X111 X111
		  X111 X111 X111 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9 X9
	  "x\r\n xx two\r\n"
	  "\r\n--b--\r\n",
	  .done = "body folded" },
	{ .name = "one that holds an LF alone is not",
	  .message = HEAD MIXED "\r\n--b\r\nContent-Description: " LONG
				"\nx: y\r\n\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "a name that fills a line is folded behind",
	  .message = HEAD MIXED "\r\n--b\r\n" X997 ": x\r\n\r\n--b--\r\n",
	  .expected = HEAD MIXED "\r\n--b\r\n" X997 ":\r\n x\r\n\r\n--b--\r\n",
	  .done = "body folded" },
	{ .name = "a name that no line has room for is none",
	  .message = HEAD MIXED "\r\n--b\r\n" X997 "x: x\r\n\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
	{ .name = "a much longer one, too",
	  .message = HEAD MIXED "\r\n--b\r\n" LONG LONG ": " LONG
				" x\r\n\r\n--b--\r\n",
	  .at_risk = "8-bit text or long lines in malformed MIME" },
};

static void print_if_other(const struct buffer *found, const char *expected)
{
	if (strcmp(buffer_string(found), expected) != 0)
		print_message("%s\n", buffer_string(found));
	assert_string_equal(buffer_string(found), expected);
}

static void run(const struct repair_case *test, size_t piece)
{
	struct buffer wire = BUFFER_INIT;
	struct mended mended;

	mended_make(&mended, test->message, strlen(test->message),
		    !test->leave_8bit, piece);
	print_if_other(&mended.done, test->done != NULL ? test->done : "");
	print_if_other(&mended.at_risk,
		       test->at_risk != NULL ? test->at_risk : "");
	mended_wire(&wire, &mended);
	print_if_other(&wire,
		       test->expected != NULL ? test->expected : test->message);
	buffer_release(&wire);
	mended_release(&mended);
}

static void messages_are_mended_and_no_more_than_need_be(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("# %s\n", cases[i].name);
		run(&cases[i], 65535);
	}
}

static void it_does_not_matter_how_the_body_comes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		run(&cases[i], 1);
		run(&cases[i], 7);
	}
}

static void
assert_mended(const struct buffer *text, const char *done, const char *at_risk)
{
	struct mended mended;

	mended_make(&mended, text->data, text->len, true, 65535);
	assert_string_equal(buffer_string(&mended.done), done);
	assert_string_equal(buffer_string(&mended.at_risk), at_risk);
	mended_release(&mended);
}

static void from_is_never_cut(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	buffer_append_string(&text, "From: (");
	while (text.len < 59900)
		buffer_append_string(&text, "and so on ");
	buffer_append_string(&text, ") a@example.org\r\nTo:");
	while (text.len < 2 * 59900)
		buffer_append_string(&text, " a@example.net,");
	buffer_append_string(&text, " b@example.net\r\nDate: x\r\n"
				    "Message-ID: <x>\r\n\r\nHello.\r\n");
	assert_mended(&text, "To folded and cut",
		      "From too large to be folded");
	buffer_release(&text);
}

/* HEAD, an encoding, and so many lines; the caller's to release. */
static struct buffer
large(const char *encoding, size_t octets, const char *last)
{
	struct buffer text = BUFFER_INIT;

	buffer_append_string(&text, HEAD MIXED "\r\n--b\r\n");
	buffer_append_string(&text, encoding);
	buffer_append_string(&text, "\r\n");
	while (text.len < octets)
		buffer_append_string(&text, X76 "\r\n");
	buffer_append_string(&text, last);
	buffer_append_string(&text, "\r\n--b--\r\n");
	return text;
}

static void a_large_message_is_converted_if_its_begin_says_so(void **state)
{
	struct buffer text = large(ENCODED("8bit"), 5000000, A_UMLAUT "\r\n");

	(void)state;
	assert_mended(&text, "body to quoted-printable", "");
	buffer_release(&text);
}

static void what_comes_late_in_a_large_message_is_a_risk(void **state)
{
	static const struct {
		const char *name;
		const char *last;
		const char *at_risk;
	} table[] = {
		{ "a long line", LONG, "body too large to be changed" },
		{ "a part that is 8-bit",
		  "--b\r\n" ENCODED("8bit") "\r\n" A_UMLAUT,
		  "body too large to be changed" },
		{ "8-bit text that is not declared", A_UMLAUT, "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct buffer text = large("", 200000, table[i].last);

		print_message("# %s\n", table[i].name);
		assert_mended(&text, "", table[i].at_risk);
		buffer_release(&text);
	}
}

static void a_large_message_without_a_sign_is_no_risk(void **state)
{
	struct buffer text = large(ENCODED("base64"), 5000000, "");

	(void)state;
	assert_mended(&text, "", "");
	buffer_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_mended_and_no_more_than_need_be),
		cmocka_unit_test(it_does_not_matter_how_the_body_comes),
		cmocka_unit_test(from_is_never_cut),
		cmocka_unit_test(
			a_large_message_is_converted_if_its_begin_says_so),
		cmocka_unit_test(what_comes_late_in_a_large_message_is_a_risk),
		cmocka_unit_test(a_large_message_without_a_sign_is_no_risk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
