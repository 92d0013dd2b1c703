#include "tests/dkim/awkward.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "tests/dkim/message.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 24
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t choose(unsigned int *seed, size_t count)
{
	return (size_t)rand_r(seed) % count;
}

static void repeat(struct buffer *out, const char *text, size_t count)
{
	while (count-- > 0)
		buffer_append_string(out, text);
}

static void add_name(struct buffer *out, unsigned int *seed)
{
	static const char *const names[] = {
		"To",
		"Cc",
		"Subject",
		"subject",
		"SUBJECT",
		"Date",
		"Message-ID",
		"message-id",
		"Reply-To",
		"In-Reply-To",
		"References",
		"MIME-Version",
		"Content-Type",
		"CONTENT-TYPE",
		"Content-Transfer-Encoding",
		"Content-Disposition",
		"Content-Language",
		"Content-ID",
		"Sender",
		"Resent-From",
		"List-Id",
		"Received",
		"X-Mailer",
		"X-!#$%&'*+/=?^_`{|}~",
	};

	buffer_append_string(out, names[choose(seed, COUNT(names))]);
}

/* As Postfix shows it: folded with LF, and no line end behind it. */
static void add_value(struct buffer *out, unsigned int *seed)
{
	static const char *const pieces[] = {
		"a",
		"word",
		"one two",
		"=?utf-8?q?=C3=BC?=",
		"<1@example.org>",
		" ",
		"  ",
		"\t",
		" \t ",
		"\n ",
		"\n\t",
		"\n \t ",
		"\n \n ",
		";",
		":",
		"\xc3\xbc\xe2\x82\xac",
		"\xfc\xff",
		"b=",
		"\\\"",
	};
	static const char *const rare[] = { "\v", "\f", "\r", "\x01", "\x7f" };
	size_t count = choose(seed, 12);

	if (choose(seed, 6) > 0)
		buffer_append_char(out, ' ');
	while (count-- > 0) {
		buffer_append_string(out, pieces[choose(seed, COUNT(pieces))]);
		if (choose(seed, 200) == 0)
			buffer_append_string(out,
					     rare[choose(seed, COUNT(rare))]);
	}
	if (choose(seed, 40) == 0)
		repeat(out, "long", choose(seed, 3000));
	if (choose(seed, 8) == 0)
		buffer_append_string(out, " \t");
}

/* libopendkim wants to find an address in it. */
static void add_from(struct buffer *out, unsigned int *seed)
{
	static const char *const values[] = {
		" Anna <anna@example.org>",
		"anna@example.org",
		"\t \"Anna  B\"\n\t<anna@example.org> \t",
		" \n anna@example.org\n ",
		" =?utf-8?q?B?=\n \n\t<anna@example.org>, b@example.org",
		" M\xc3\xbcller \t <anna@example.org>",
		" \xfc\xff <anna@example.org>",
		" anna@example.org (a\v comment\f)",
	};

	buffer_append_string(out, values[choose(seed, COUNT(values))]);
}

static void add_header(struct message *message, unsigned int *seed)
{
	size_t count = 1 + choose(seed, FIELDS_MAX), from = choose(seed, count);
	size_t names[FIELDS_MAX], values[FIELDS_MAX], i;
	struct buffer text = BUFFER_INIT;

	for (i = 0; i < count; i++) {
		bool is_from = i == from || choose(seed, 50) == 0;

		names[i] = text.len;
		if (is_from)
			buffer_append_string(&text, "From");
		else
			add_name(&text, seed);
		buffer_append_char(&text, '\0');
		values[i] = text.len;
		if (is_from)
			add_from(&text, seed);
		else
			add_value(&text, seed);
		buffer_append_char(&text, '\0');
	}
	message->header.fields =
		mem_array(count, sizeof(*message->header.fields));
	message->header.count = count;
	message->header.storage = buffer_steal(&text);
	for (i = 0; i < count; i++) {
		const char *value = message->header.storage + values[i];

		message->header.fields[i] = (struct policy_field){
			.name = message->header.storage + names[i],
			.value = value,
			.value_len = strlen(value),
		};
	}
}

static void add_body(struct buffer *out, unsigned int *seed)
{
	static const struct {
		const char *text;
		size_t len;
	} pieces[] = {
		{ "a", 1 },	   { "b c", 3 },   { "text", 4 },
		{ " ", 1 },	   { "\t", 1 },	   { "  \t", 3 },
		{ "\r\n", 2 },	   { "\r\n", 2 },  { "\r\n\r\n", 4 },
		{ " \r\n", 3 },	   { ".\r\n", 3 }, { "..", 2 },
		{ "\v", 1 },	   { "\f", 1 },	   { "\0", 1 },
		{ "\xc3\xbc", 2 }, { "\xff", 1 },
	};
	static const char *const rare[] = { "\r", "\n", "\r\r\n", "\n\n" };
	size_t count = choose(seed, 40);

	if (choose(seed, 10) == 0)
		return;
	if (choose(seed, 50) == 0)
		count *= 1000;
	while (count-- > 0) {
		size_t i = choose(seed, COUNT(pieces));

		buffer_append_bytes(out, pieces[i].text, pieces[i].len);
	}
	if (choose(seed, 20) == 0)
		repeat(out, "long", choose(seed, 60000));
	if (choose(seed, 8) == 0)
		buffer_append_string(out, rare[choose(seed, COUNT(rare))]);
	if (choose(seed, 300) == 0)
		repeat(out, "a line of a huge body\r\n", 100000);
	if (choose(seed, 3) > 0)
		buffer_append_string(out, "\r\n");
	if (choose(seed, 5) == 0)
		repeat(out, "\r\n", choose(seed, 6));
}

void awkward_message(struct message *message_r, unsigned int number)
{
	unsigned int seed = number;

	/* Of neighbouring seeds the first numbers are close. */
	(void)rand_r(&seed);
	*message_r = (struct message){ .body = BUFFER_INIT };
	add_header(message_r, &seed);
	add_body(&message_r->body, &seed);
}
