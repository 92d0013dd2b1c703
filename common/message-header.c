#include "common/message-header.h"

#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Postfix's line_length_limit and header_size_limit: a longer line travels in
 * pieces, of which the first alone decides whether a field begins here; of a
 * longer field the further pieces are dropped.
 */
#define PIECE_MAX 2048
#define FIELD_MAX 102400

/* A line, or one of its pieces, without the line's end. */
struct piece {
	const char *text;
	size_t len;
	bool begins; /* a line */
	bool ends;
};

struct reader {
	const char *next;
	const char *end;
	bool inside; /* a line that is in pieces */
};

/* False at the end of the message. */
static bool read_piece(struct reader *reader, struct piece *piece_r)
{
	size_t left = (size_t)(reader->end - reader->next);
	size_t len = left < PIECE_MAX ? left : PIECE_MAX;
	const char *newline;

	if (left == 0)
		return false;
	*piece_r = (struct piece){ .text = reader->next,
				   .begins = !reader->inside };
	newline = memchr(reader->next, '\n', len);
	/* A CR at the piece's end may belong to the line's end. */
	if (newline == NULL && len < left && reader->next[len - 1] == '\r' &&
	    reader->next[len] == '\n')
		newline = reader->next + len;
	if (newline != NULL) {
		piece_r->len = (size_t)(newline - reader->next);
		piece_r->ends = true;
		while (piece_r->len > 0 &&
		       piece_r->text[piece_r->len - 1] == '\r')
			piece_r->len--;
		reader->next = newline + 1;
	} else {
		piece_r->len = len;
		piece_r->ends = len == left;
		reader->next += len;
	}
	reader->inside = !piece_r->ends;
	return true;
}

/* A CR that ends no line is a space to Postfix. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * The length of the field name that the piece begins with, 0 for none; the
 * colon's offset too. RFC 5322 4.5.8 lets white space stand before the colon.
 */
static size_t name_length(const struct piece *piece, size_t *colon_r)
{
	size_t len = 0, colon;

	while (len < piece->len && piece->text[len] > 0x20 &&
	       piece->text[len] < 0x7f && piece->text[len] != ':')
		len++;
	colon = len;
	while (colon < piece->len && is_space(piece->text[colon]))
		colon++;
	*colon_r = colon;
	return colon < piece->len && piece->text[colon] == ':' ? len : 0;
}

/*
 * Before the first field: a separator of an mbox file, which Postfix permits
 * and renames, and what its own Received: field takes as a fold.
 */
static bool is_swallowed(const struct piece *piece)
{
	static const char from[] = "From ";
	size_t skip = 0;

	while (skip < piece->len && piece->text[skip] == '>')
		skip++;
	return (piece->len > 0 && piece->text[0] == '\r') ||
	       (piece->len - skip >= strlen(from) &&
		memcmp(piece->text + skip, from, strlen(from)) == 0);
}

/* Up to a NUL. Returns where to go on. */
static char *copy(char *to, const char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len && from[i] != '\0'; i++)
		*to++ = from[i] == '\r' ? ' ' : from[i];
	return to;
}

static struct policy_field *add_field(struct message_header *header)
{
	header->fields = mem_resize(header->fields, header->count + 1,
				    sizeof(*header->fields));
	return &header->fields[header->count++];
}

void message_header_split(struct message_header *header_r, const char *message,
			  size_t len)
{
	struct reader reader = { .next = message, .end = message + len };
	struct policy_field *field = NULL;
	struct piece piece;
	bool first = true;
	char *to;

	/* A NUL after each name takes the colon's place. */
	*header_r = (struct message_header){ .storage = mem_alloc(len + 1) };
	to = header_r->storage;
	while (read_piece(&reader, &piece)) {
		size_t name_len, colon;

		if (first && is_swallowed(&piece)) {
			while (!piece.ends && read_piece(&reader, &piece))
				continue;
			continue;
		}
		if (field != NULL &&
		    (!piece.begins ||
		     (piece.len > 0 && is_space(*piece.text)))) {
			if (strlen(field->name) + 1 + field->value_len <
			    FIELD_MAX) {
				if (piece.begins)
					*to++ = '\n';
				to = copy(to, piece.text, piece.len);
				field->value_len = (size_t)(to - field->value);
			}
			continue;
		}
		first = false;
		name_len = name_length(&piece, &colon);
		if (name_len == 0)
			break;
		field = add_field(header_r);
		field->name = to;
		to = copy(to, piece.text, name_len);
		*to++ = '\0';
		field->value = to;
		to = copy(to, piece.text + colon + 1, piece.len - colon - 1);
		field->value_len = (size_t)(to - field->value);
	}
}

void message_header_release(struct message_header *header)
{
	free(header->fields);
	mem_free_string(&header->storage);
	*header = (struct message_header){ .fields = NULL };
}
