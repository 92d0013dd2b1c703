#include "milter-dkim/repair-header.h"

#include "common/buffer.h"

#include <string.h>
#include <strings.h>
#include <sys/random.h>

/* RFC 5322 2.1.1: lines should have no more. */
#define LINE_MAX_COLUMNS 78

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Up to the next LF or the end; a CR before LF does not count. */
static size_t line_length(const char *line, const char *end)
{
	const char *lf = memchr(line, '\n', (size_t)(end - line));
	const char *last = lf != NULL ? lf : end;

	if (lf != NULL && last > line && last[-1] == '\r')
		last--;
	return (size_t)(last - line);
}

bool repair_is_signature(const char *name, size_t name_len)
{
	static const char signature[] = "DKIM-Signature";

	return name_len == strlen(signature) &&
	       strncasecmp(name, signature, name_len) == 0;
}

bool repair_is_long(const char *name, const char *value, size_t value_len)
{
	size_t column = strlen(name) + 1;
	const char *end = value + value_len;

	if (column + value_len <= REPAIR_LINE_MAX)
		return false;
	for (;;) {
		const char *lf = memchr(value, '\n', (size_t)(end - value));

		if (column + line_length(value, end) > REPAIR_LINE_MAX)
			return true;
		if (lf == NULL)
			return false;
		value = lf + 1;
		column = 0;
	}
}

/*
 * The octets before the white space to fold at: the last within the columns
 * wished for, else the first that may be; 0 if there is none. There is text on
 * both of its sides, so no line is of white space alone.
 */
static size_t find_fold(const char *line, size_t len, size_t column)
{
	size_t best = 0, i = 0;

	while (i < len && is_space(line[i]))
		i++;
	for (;;) {
		size_t space;

		while (i < len && !is_space(line[i]))
			i++;
		space = i;
		while (i < len && is_space(line[i]))
			i++;
		if (i == len || column + space > REPAIR_LINE_MAX ||
		    (best > 0 && column + space > LINE_MAX_COLUMNS))
			return best;
		best = space;
	}
}

/* As much as may be, but no part of a character, where that is UTF-8. */
static size_t find_cut(const char *line, size_t column)
{
	size_t most = column < REPAIR_LINE_MAX ? REPAIR_LINE_MAX - column : 0;
	size_t cut;

	for (cut = most; cut > 0 && most - cut < 4; cut--) {
		if (((unsigned char)line[cut] & 0xc0) != 0x80)
			return cut;
	}
	return most;
}

static void
fold_line(struct buffer *out, const char *line, size_t len, size_t column)
{
	while (column + len > LINE_MAX_COLUMNS) {
		size_t cut = find_fold(line, len, column);

		if (cut == 0 && column + len <= REPAIR_LINE_MAX)
			break;
		if (cut == 0)
			cut = find_cut(line, column);
		buffer_append_bytes(out, line, cut);
		buffer_append_char(out, '\n');
		line += cut;
		len -= cut;
		column = is_space(*line) ? 0 : 1;
		if (column > 0)
			buffer_append_char(out, ' ');
	}
	buffer_append_bytes(out, line, len);
}

/* Whole lines, of the value that begins there. */
static bool cut(struct buffer *out, size_t begin, size_t name_len)
{
	size_t len = out->len;

	while (name_len + len - begin > REPAIR_FIELD_MAX) {
		const char *lf = memrchr(out->data + begin, '\n', len - begin);

		if (lf == NULL)
			break;
		len = (size_t)(lf - out->data);
	}
	if (len == out->len)
		return false;
	out->len = len;
	out->data[len] = '\0';
	return true;
}

bool repair_fold(struct buffer *out, const char *name, const char *value,
		 size_t value_len)
{
	size_t column = strlen(name) + 1, begin = out->len;
	const char *end = value + value_len;

	while (value < end) {
		const char *lf = memchr(value, '\n', (size_t)(end - value));
		size_t len = line_length(value, end);

		if (column + len > REPAIR_LINE_MAX)
			fold_line(out, value, len, column);
		else
			buffer_append_bytes(out, value, len);
		if (lf == NULL)
			break;
		buffer_append_char(out, '\n');
		value = lf + 1;
		column = 0;
	}
	return !cut(out, begin, strlen(name) + 1);
}

void repair_date(struct buffer *out, time_t now)
{
	/* Not by strftime(), which speaks the locale's language. */
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed",
					"Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr",
					  "May", "Jun", "Jul", "Aug",
					  "Sep", "Oct", "Nov", "Dec" };
	struct tm utc;

	(void)gmtime_r(&now, &utc);
	buffer_printf(out, " %s, %d %s %d %02d:%02d:%02d +0000",
		      days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
		      utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

int repair_message_id(struct buffer *out, const char *host)
{
	unsigned char random[16];
	size_t i;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -1;
	buffer_append_string(out, " <");
	for (i = 0; i < sizeof(random); i++)
		buffer_printf(out, "%02x", random[i]);
	buffer_printf(out, "@%s>", host);
	return 0;
}
