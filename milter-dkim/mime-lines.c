#include "milter-dkim/mime-lines.h"

#include "milter-dkim/repair-header.h"

#include <string.h>
#include <strings.h>

/* An LF alone must be within these; one behind a CR may be the next octet. */
#define LINE_REACH (REPAIR_LINE_MAX + 1)

#define PIECE 128 /* no more than an octet can count */

/* Without branches and with a count in octets, vectors are made of it. */
static unsigned char count_in_piece(const unsigned char text[static PIECE])
{
	unsigned char count = 0;
	size_t i;

	for (i = 0; i < PIECE; i++) {
		unsigned char c = text[i];

		count += (c == '=') | ((c < ' ') & (c != '\t')) | (c > '~');
	}
	return count;
}

/* What quoted-printable does not leave as it is, and all CR and LF. */
static size_t count_special(const char *text, size_t len)
{
	unsigned char rest[PIECE];
	size_t count = 0;

	for (; len >= PIECE; text += PIECE, len -= PIECE)
		count += count_in_piece((const unsigned char *)text);
	memset(rest, ' ', sizeof(rest));
	memcpy(rest, text, len);
	return count + count_in_piece(rest);
}

static bool is_8bit(const char *text, size_t len)
{
	unsigned char any = 0;
	size_t i;

	for (i = 0; i < len; i++)
		any |= (unsigned char)text[i];
	return any >= 128;
}

static size_t count(const char *text, size_t len, char c)
{
	size_t found = 0, i;

	for (i = 0; i < len; i++)
		found += text[i] == c;
	return found;
}

struct mime_lines mime_lines_count(const char *text, size_t len)
{
	const char *end = text + len, *line = text, *lf;
	struct mime_lines lines = { .octets = len };
	size_t lfs = 0, crlfs = 0;

	while ((lf = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		size_t line_len = (size_t)(lf - line);
		bool is_crlf = line_len > 0 && lf[-1] == '\r';

		lines.is_long |= line_len - is_crlf > REPAIR_LINE_MAX;
		lfs++;
		crlfs += is_crlf;
		line = lf + 1;
	}
	lines.is_long |= (size_t)(end - line) > REPAIR_LINE_MAX;
	lines.to_quote = count_special(text, len) - 2 * crlfs;
	/* In most texts none is, so there is nothing to look for. */
	if (lines.to_quote > 0) {
		lines.is_8bit = is_8bit(text, len);
		lines.has_controls = lfs > crlfs ||
				     count(text, len, '\r') > crlfs ||
				     memchr(text, '\0', len) != NULL;
	}
	return lines;
}

/* The last line end within reach of each line start: few octets are read. */
static void watch_length(struct mime_watch *watch, const char *data, size_t len)
{
	const char *end = data + len;
	size_t column = watch->column;

	while (data < end && !watch->is_long) {
		size_t reach = LINE_REACH - column;
		size_t rest = (size_t)(end - data);
		const char *lf =
			memrchr(data, '\n', rest < reach ? rest : reach);

		if (lf != NULL) {
			data = lf + 1;
			column = 0;
		} else {
			watch->is_long = rest >= reach;
			column += rest;
			data = end;
		}
	}
	watch->column = column;
}

/* Is it not for sure none of those that declare something else? */
static bool declares(const char *line, size_t len)
{
	static const char name[] = "content-transfer-encoding:";
	static const char *const harmless[] = { "7bit", "quoted-printable",
						"base64" };
	size_t name_len = strlen(name), i;

	if (len < name_len || strncasecmp(line, name, name_len - 1) != 0)
		return false;
	if (line[name_len - 1] != ':')
		return line[name_len - 1] == ' ' || line[name_len - 1] == '\t';
	line += name_len;
	len -= name_len;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		size_t word_len = strlen(harmless[i]);

		if (len > word_len &&
		    strncasecmp(line, harmless[i], word_len) == 0 &&
		    (line[word_len] == '\r' || line[word_len] == '\n'))
			return false;
	}
	return true;
}

/*
 * The line that was begun in the piece before: where its end, or enough of it,
 * has come, it is looked at. Returns where the next line begins.
 */
static const char *watch_begun(struct mime_watch *watch, const char *data,
			       const char *end, size_t column)
{
	const char *lf = memchr(data, '\n', (size_t)(end - data));
	const char *next = lf != NULL ? lf + 1 : end;

	if (column < MIME_WATCH_HEAD) {
		size_t room = MIME_WATCH_HEAD - column;
		size_t more = (size_t)(next - data);

		if (more > room)
			more = room;
		memcpy(watch->head + column, data, more);
		if (lf != NULL || more == room)
			watch->is_labelled |=
				declares(watch->head, column + more);
	}
	return next;
}

/* Lines that begin in this piece; the last is kept if it is not ended. */
static void
watch_lines(struct mime_watch *watch, const char *data, const char *end)
{
	static const char prefix[] = "content-";
	const size_t prefix_len = sizeof(prefix) - 1;
	const char *lf = memrchr(data, '\n', (size_t)(end - data));
	const char *last = lf != NULL ? lf + 1 : data;
	const char *at = data;
	size_t kept = (size_t)(end - last);

	while ((at = memchr(at, '-', (size_t)(end - at))) != NULL) {
		const char *line = ++at - prefix_len;

		if ((size_t)(at - data) < prefix_len ||
		    (line > data && line[-1] != '\n'))
			continue;
		if (line < last || kept >= MIME_WATCH_HEAD)
			watch->is_labelled |=
				declares(line, (size_t)(end - line));
	}
	if (kept > MIME_WATCH_HEAD)
		kept = MIME_WATCH_HEAD;
	memcpy(watch->head, last, kept);
}

void mime_watch_add(struct mime_watch *watch, const char *data, size_t len)
{
	const char *end = data + len, *lines = data;
	size_t column = watch->column;

	if (len == 0)
		return;
	watch_length(watch, data, len);
	if (column > 0)
		lines = watch_begun(watch, data, end, column);
	if (lines < end)
		watch_lines(watch, lines, end);
}
