#include "milter-dkim/mime-plan.h"

#include "common/mem.h"
#include "milter-dkim/mime-encode.h"
#include "milter-dkim/mime-lines.h"
#include "milter-dkim/repair-header.h"

#include <stdlib.h>
#include <string.h>

/* A part of the body that is looked at. */
struct part {
	struct mime_entity entity;
	size_t begin, end;
	/* Where its encoding stands, or would; of the message: nowhere here. */
	bool has_place;
	size_t label_begin, label_end;
	unsigned int depth;
	bool sealed; /* in what its author has signed or encrypted */
};

struct planner {
	struct mime_plan *plan;
	const char *body;
	bool convert_8bit;
};

static void walk(struct planner *planner, const struct part *part);

static void obstruct(struct planner *planner, const char *obstacle)
{
	if (planner->plan->obstacle == NULL)
		planner->plan->obstacle = obstacle;
}

static void add_edit(struct planner *planner, const struct part *part,
		     const struct mime_edit *edit)
{
	struct mime_plan *plan = planner->plan;

	if (part->sealed) {
		obstruct(planner, "in a signed or encrypted part");
	} else if (!mime_edit_is_possible(edit, planner->body)) {
		obstruct(planner, "in a part that is not well encoded");
	} else if (plan->count == MIME_EDITS_MAX) {
		obstruct(planner, "in too many parts");
	} else {
		plan->edits = mem_resize(plan->edits, plan->count + 1,
					 sizeof(*plan->edits));
		plan->edits[plan->count++] = *edit;
	}
}

static void label(struct planner *planner, const struct part *part,
		  enum mime_encoding encoding)
{
	if (part->has_place) {
		add_edit(planner, part,
			 &(const struct mime_edit){ .change = MIME_LABEL,
						    .begin = part->label_begin,
						    .end = part->label_end,
						    .label = encoding });
	} else {
		planner->plan->relabel = true;
		planner->plan->label = encoding;
	}
}

static void encode(struct planner *planner, const struct part *part,
		   enum mime_change change)
{
	add_edit(planner, part,
		 &(const struct mime_edit){ .change = change,
					    .begin = part->begin,
					    .end = part->end });
}

static struct mime_lines
look(const struct planner *planner, size_t begin, size_t end)
{
	return mime_lines_count(planner->body + begin, end - begin);
}

/* Quoted-printable takes 3 octets for such a one, base64 4 for any 3. */
static bool is_shorter_quoted(const struct mime_lines *lines)
{
	return lines->to_quote * 6 <= lines->octets;
}

/* A part without parts. */
static void walk_leaf(struct planner *planner, const struct part *part)
{
	const struct mime_lines lines = look(planner, part->begin, part->end);
	bool quoted =
		part->entity.kind == MIME_TEXT && is_shorter_quoted(&lines);

	switch (part->entity.encoding) {
	case MIME_8BIT:
		if (!planner->convert_8bit && !lines.is_long)
			return;
		if (!lines.is_long && !lines.is_8bit && !lines.has_controls) {
			label(planner, part, MIME_7BIT);
			return;
		}
		break;
	case MIME_7BIT:
		if (!lines.is_long)
			return;
		break;
	case MIME_QUOTED_PRINTABLE:
		if (lines.is_long)
			encode(planner, part, MIME_WRAP_QUOTED);
		return;
	case MIME_BASE64:
		if (lines.is_long)
			encode(planner, part, MIME_WRAP_BASE64);
		return;
	case MIME_STRANGE:
		if (lines.is_long)
			obstruct(planner, "in a part of unknown encoding");
		return;
	}
	if (part->entity.kind == MIME_SEVEN_BIT) {
		obstruct(planner, "in a part that must not be encoded");
		return;
	}
	label(planner, part, quoted ? MIME_QUOTED_PRINTABLE : MIME_BASE64);
	encode(planner, part, quoted ? MIME_TO_QUOTED : MIME_TO_BASE64);
}

/* What is no part: Postfix changes nothing in it but lines. */
static void walk_between(struct planner *planner, size_t begin, size_t end)
{
	if (begin < end && look(planner, begin, end).is_long)
		obstruct(planner, "between MIME parts");
}

/* One field of a part's header, CRLF at its end. */
static void
walk_field(struct planner *planner, struct part *part, size_t begin, size_t end)
{
	const char *name = planner->body + begin;
	const char *colon = memchr(name, ':', end - begin);
	size_t name_len = (size_t)(colon - name);
	size_t value_len = end - begin - name_len - 1;
	const struct mime_lines lines = look(planner, begin, end);

	while (name_len > 0 &&
	       (name[name_len - 1] == ' ' || name[name_len - 1] == '\t'))
		name_len--;
	mime_entity_field(&part->entity, name, name_len, colon + 1, value_len);
	part->sealed |= repair_is_signature(name, name_len);
	if (mime_is_encoding_field(name, name_len)) {
		part->label_begin = begin;
		part->label_end = end;
	}
	if (!lines.is_long)
		return;
	/* An LF alone would become the begin of another field. */
	if (mime_is_encoding_field(name, name_len) || lines.has_controls)
		obstruct(planner, "in malformed MIME");
	else
		add_edit(planner, part,
			 &(const struct mime_edit){ .change = MIME_FOLD,
						    .begin = begin,
						    .end = end });
}

/* The line end behind at: of CRLF, or the end. */
static size_t skip_line(const struct planner *planner, size_t at, size_t end)
{
	const char *body = planner->body;

	while (at < end) {
		const char *lf = memchr(body + at, '\n', end - at);

		if (lf == NULL)
			return end;
		at = (size_t)(lf - body) + 1;
		if (at >= 2 && body[at - 2] == '\r')
			return at;
	}
	return end;
}

/* A name that no line has room for is none. */
static bool is_field(const char *line, size_t len)
{
	size_t i = 0;

	if (len > REPAIR_LINE_MAX)
		len = REPAIR_LINE_MAX;
	while (i < len && line[i] > ' ' && line[i] != ':' && line[i] <= '~')
		i++;
	if (i == 0)
		return false;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < len && line[i] == ':';
}

static bool is_space_at(const struct planner *planner, size_t at, size_t end)
{
	return at < end &&
	       (planner->body[at] == ' ' || planner->body[at] == '\t');
}

static bool is_line_end(const struct planner *planner, size_t at, size_t end)
{
	return end - at >= 2 && memcmp(planner->body + at, "\r\n", 2) == 0;
}

/* The part begins with a header, which is taken off it. */
static void walk_header(struct planner *planner, struct part *part)
{
	const char *body = planner->body;
	size_t at = part->begin, end = part->end;

	part->has_place = true;
	while (at < end && is_field(body + at, end - at)) {
		size_t field = at;

		do {
			at = skip_line(planner, at, end);
		} while (is_space_at(planner, at, end));
		walk_field(planner, part, field, at);
	}
	mime_entity_finish(&part->entity);
	if (!part->entity.has_encoding)
		part->label_begin = part->label_end = at;
	part->begin = at;
	if (is_line_end(planner, at, end))
		part->begin += 2;
	else if (at < end)
		part->entity.malformed = true;
}

/*
 * What is not understood stays as it is. That will do if there is nothing in
 * it that Postfix, which may understand it, would change.
 */
static void walk_opaque(struct planner *planner, const struct part *part,
			const char *obstacle)
{
	struct mime_watch watch = { .column = 0 };

	mime_watch_add(&watch, planner->body + part->begin,
		       part->end - part->begin);
	if (watch.is_long || look(planner, part->begin, part->end).is_long ||
	    (planner->convert_8bit &&
	     (watch.is_labelled || part->entity.encoding == MIME_8BIT)))
		obstruct(planner, obstacle);
}

/* RFC 2046 5.1.1. */
struct delimiter {
	size_t begin, end; /* of its line; both at the end if there is none */
	bool closes;
};

static bool match_delimiter(struct planner *planner, const struct part *part,
			    size_t at, struct delimiter *delimiter_r)
{
	const struct mime_entity *entity = &part->entity;
	const char *line = planner->body + at;
	size_t end = skip_line(planner, at, part->end);
	size_t len = end - at, used = 2 + entity->boundary_len;
	bool closes;

	if (len < used || memcmp(line, "--", 2) != 0 ||
	    memcmp(line + 2, entity->boundary, entity->boundary_len) != 0)
		return false;
	closes = len >= used + 2 && memcmp(line + used, "--", 2) == 0;
	if (closes)
		used += 2;
	while (used < len && strchr(" \t\r\n", line[used]) != NULL &&
	       line[used] != '\0')
		used++;
	/* Some readers take it for a delimiter, others for text. */
	if (used < len) {
		obstruct(planner, "beside a doubtful MIME boundary");
		return false;
	}
	*delimiter_r = (struct delimiter){ at, end, closes };
	return true;
}

static struct delimiter
find_delimiter(struct planner *planner, const struct part *part, size_t at)
{
	struct delimiter found = { part->end, part->end, true };

	while (at < part->end && !match_delimiter(planner, part, at, &found))
		at = skip_line(planner, at, part->end);
	return found;
}

static void walk_child(struct planner *planner, const struct part *parent,
		       size_t begin, size_t end, bool sealed)
{
	struct part child = { .begin = begin,
			      .end = end,
			      .depth = parent->depth + 1,
			      .sealed = parent->sealed || sealed };

	mime_entity_init(&child.entity, parent->entity.digest);
	walk_header(planner, &child);
	walk(planner, &child);
}

/* The CRLF before a delimiter belongs to that. */
static void walk_multipart(struct planner *planner, const struct part *part)
{
	struct delimiter next = find_delimiter(planner, part, part->begin);

	walk_between(planner, part->begin, next.begin);
	while (!next.closes) {
		size_t begin = next.end, end;

		next = find_delimiter(planner, part, begin);
		end = next.begin;
		if (next.end > next.begin)
			end = end >= begin + 2 ? end - 2 : begin;
		walk_child(planner, part, begin, end,
			   part->entity.kind == MIME_SEALED);
	}
	walk_between(planner, next.end, part->end);
}

static void walk(struct planner *planner, const struct part *part)
{
	const struct mime_entity *entity = &part->entity;

	if (entity->malformed) {
		walk_opaque(planner, part, "in malformed MIME");
		return;
	}
	if (part->depth > MIME_DEPTH_MAX) {
		walk_opaque(planner, part, "in parts within too many others");
		return;
	}
	switch (entity->kind) {
	case MIME_TEXT:
	case MIME_DATA:
	case MIME_SEVEN_BIT:
		walk_leaf(planner, part);
		return;
	case MIME_MULTIPART:
	case MIME_SEALED:
	case MIME_MESSAGE:
		break;
	}
	if (planner->convert_8bit && entity->encoding == MIME_8BIT)
		label(planner, part, MIME_7BIT);
	if (entity->kind == MIME_MESSAGE)
		walk_child(planner, part, part->begin, part->end, false);
	else
		walk_multipart(planner, part);
}

static int compare_edits(const void *a, const void *b)
{
	const struct mime_edit *left = a, *right = b;

	return (left->begin > right->begin) - (left->begin < right->begin);
}

void mime_plan_make(struct mime_plan *plan, const struct mime_entity *message,
		    const char *body, size_t len, bool convert_8bit)
{
	struct planner planner = { .plan = plan,
				   .body = body,
				   .convert_8bit = convert_8bit };
	const struct part part = { .entity = *message, .end = len };

	*plan = (struct mime_plan){ .edits = NULL };
	walk(&planner, &part);
	if (plan->obstacle != NULL) {
		plan->count = 0;
		plan->relabel = false;
	}
	if (plan->count > 1)
		qsort(plan->edits, plan->count, sizeof(*plan->edits),
		      compare_edits);
}

void mime_plan_release(struct mime_plan *plan)
{
	free(plan->edits);
	plan->edits = NULL;
	plan->count = 0;
}
