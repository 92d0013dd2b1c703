#include "admin/text-diff.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "common/span.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3

/* Beyond this many pairs of lines the middle is shown as one replacement. */
#define PAIRS_MAX 16000000

struct lines {
	struct span *line; /* each with its LF, if it has one */
	size_t count;
};

/* Both texts' lines in one order: kept, taken out, put in. */
struct step {
	char mark; /* ' ', '-', '+' */
	const struct span *line;
	size_t old_number, new_number; /* lines before this one */
};

struct steps {
	struct step *step;
	size_t count;
};

static struct lines split(const char *text)
{
	struct lines lines = { .line = NULL };

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		lines.line = mem_resize(lines.line, lines.count + 1,
					sizeof(*lines.line));
		lines.line[lines.count++] = (struct span){ text, len };
		text += len;
	}
	return lines;
}

static bool same(const struct span *a, const struct span *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void add(struct steps *steps, char mark, const struct span *line)
{
	struct step step = { .mark = mark, .line = line };

	if (steps->count > 0) {
		const struct step *last = &steps->step[steps->count - 1];

		step.old_number = last->old_number + (last->mark != '+');
		step.new_number = last->new_number + (last->mark != '-');
	}
	steps->step = mem_resize(steps->step, steps->count + 1, sizeof(step));
	steps->step[steps->count++] = step;
}

/*
 * Lengths of the longest common subsequence of all that is behind a pair of
 * lines, (count + 1) * (count + 1) of them.
 */
static unsigned int *lengths(const struct lines *a, const struct lines *b)
{
	size_t row = b->count + 1, i, j;
	unsigned int *length = mem_array((a->count + 1) * row, sizeof(*length));

	for (i = a->count; i-- > 0;) {
		for (j = b->count; j-- > 0;) {
			unsigned int down = length[(i + 1) * row + j];
			unsigned int right = length[i * row + j + 1];

			length[i * row + j] =
				same(&a->line[i], &b->line[j])
					? length[(i + 1) * row + j + 1] + 1
				: down > right ? down
					       : right;
		}
	}
	return length;
}

static void compare_middle(struct steps *steps, const struct lines *a,
			   const struct lines *b)
{
	bool small = a->count * b->count <= PAIRS_MAX;
	unsigned int *length = small ? lengths(a, b) : NULL;
	size_t row = b->count + 1, i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (small && i < a->count && j < b->count &&
		    same(&a->line[i], &b->line[j])) {
			add(steps, ' ', &a->line[i++]);
			j++;
		} else if (i < a->count && (j == b->count || !small ||
					    length[(i + 1) * row + j] >=
						    length[i * row + j + 1])) {
			add(steps, '-', &a->line[i++]);
		} else {
			add(steps, '+', &b->line[j++]);
		}
	}
	free(length);
}

static void
compare(struct steps *steps, const struct lines *a, const struct lines *b)
{
	struct lines old = *a, new = *b;
	size_t tail = 0, i;

	while (old.count > 0 && new.count > 0 &&
	       same(&old.line[0], &new.line[0])) {
		add(steps, ' ', old.line);
		old.line++;
		old.count--;
		new.line++;
		new.count--;
	}
	while (old.count > 0 && new.count > 0 &&
	       same(&old.line[old.count - 1], &new.line[new.count - 1])) {
		old.count--;
		new.count--;
		tail++;
	}
	compare_middle(steps, &old, &new);
	for (i = 0; i < tail; i++)
		add(steps, ' ', &old.line[old.count + i]);
}

static void print_line(struct buffer *out, const struct step *step)
{
	buffer_append_char(out, step->mark);
	buffer_append_bytes(out, step->line->at, step->line->len);
	if (!span_ends_with(step->line, "\n"))
		buffer_append_string(out, "\n\\ No newline at end of file\n");
}

static void
print_range(struct buffer *out, char mark, size_t from, size_t count)
{
	buffer_printf(out, " %c%zu", mark, count > 0 ? from + 1 : from);
	if (count != 1)
		buffer_printf(out, ",%zu", count);
}

static void print_hunk(struct buffer *out, const struct steps *steps,
		       size_t from, size_t to)
{
	size_t old = 0, new = 0, i;

	for (i = from; i < to; i++) {
		old += steps->step[i].mark != '+';
		new += steps->step[i].mark != '-';
	}
	buffer_append_string(out, "@@");
	print_range(out, '-', steps->step[from].old_number, old);
	print_range(out, '+', steps->step[from].new_number, new);
	buffer_append_string(out, " @@\n");
	for (i = from; i < to; i++)
		print_line(out, &steps->step[i]);
}

static size_t next_change(const struct steps *steps, size_t at)
{
	while (at < steps->count && steps->step[at].mark == ' ')
		at++;
	return at;
}

static size_t change_end(const struct steps *steps, size_t at)
{
	while (at < steps->count && steps->step[at].mark != ' ')
		at++;
	return at;
}

static void print(struct buffer *out, const struct steps *steps)
{
	size_t at = next_change(steps, 0), shown = 0, end;

	while (at < steps->count) {
		size_t from = at - shown > CONTEXT ? at - CONTEXT : shown;

		do {
			end = change_end(steps, at);
			at = next_change(steps, end);
		} while (at < steps->count && at - end <= 2 * CONTEXT);
		shown = steps->count - end > CONTEXT ? end + CONTEXT
						     : steps->count;
		print_hunk(out, steps, from, shown);
	}
}

char *text_diff(const char *path, const char *before, const char *after)
{
	struct lines old = split(before), new = split(after);
	struct steps steps = { .step = NULL };
	struct buffer out = BUFFER_INIT;

	if (strcmp(before, after) != 0) {
		buffer_printf(&out, "--- %s\n+++ %s\n", path, path);
		compare(&steps, &old, &new);
		print(&out, &steps);
	}
	free(steps.step);
	free(old.line);
	free(new.line);
	return buffer_steal(&out);
}
